//! The paths of the records of one object type and of its collections.

use schema::{
    access::{Surface, SurfaceCollection, SurfaceObject, SurfaceRelation},
    request::LIMITS,
};
use utoipa::openapi::{HttpMethod, Paths, RefOr, Response, Schema, Type, path::OperationBuilder};

use super::{
    objects::collection_list,
    operations::{Identity, add, operation, with_etag, with_location},
    parameters::{LIST_PARAMETERS, filter_parameter, limit_of, parameter_ref},
    parts::{Names, answer, body, json_content, plain, problem_ref, record_name, schema_ref},
    sets,
};

/// What an `ETag` is to those who read the version of every record.
const VERSION: &str = "The version, for `If-Match` and `If-None-Match`.";
/// What it is to those who read it on some.
const SOME_VERSIONS: &str =
    "The version, for `If-None-Match`; absent on a record of which you don't see it.";

/// Adds the paths of one object type.
pub(super) fn add_paths(
    paths: &mut Paths,
    names: &Names,
    surface: &Surface,
    object: &SurfaceObject,
) {
    let of = Of {
        names,
        object,
        base: format!("/v1/data/{}", object.object.plural),
        tag: object.object.plural.as_str(),
        one: object.object.name.pascal_case(),
        many: object.object.plural.pascal_case(),
    };
    if object.readable.is_some() {
        of.add_reads(paths);
    }
    of.add_create(paths);
    of.add_update(paths);
    of.add_delete(paths);
    for collection in &object.collections {
        of.add_collection(paths, surface, collection);
    }
}

/// One object type, with the names that its operations use.
struct Of<'a> {
    names: &'a Names,
    object: &'a SurfaceObject,
    base: String,
    tag: &'a str,
    one: String,
    many: String,
}

impl Of<'_> {
    fn identity(&self, id: String, summary: String) -> Identity<'_> {
        Identity {
            tag: self.tag,
            id,
            summary,
        }
    }

    /// What a write answers: the record, or to a caller who can't read it, its id.
    fn written(&self, description: &str) -> Response {
        self.versioned(answer(description, self.record_or_object()))
    }

    /// An answer to a write, with the version if the caller reads that of every record.
    fn versioned(&self, response: Response) -> Response {
        if self.object.always_shows_version() {
            with_etag(response, VERSION)
        } else {
            response
        }
    }

    fn record_or_object(&self) -> RefOr<Schema> {
        if self.object.readable.is_some() {
            schema_ref(&record_name(self.object))
        } else {
            plain(Type::Object).into()
        }
    }

    fn add_reads(&self, paths: &mut Paths) {
        let Self {
            base, one, many, ..
        } = self;
        let label = &self.object.object.plural_label;
        let list = schema_ref(&self.names.part(self.object, "List"));
        let filter = schema_ref(&self.names.part(self.object, "Filter"));
        let mut listing = operation(
            self.identity(format!("list{many}"), format!("List {label}")),
            &[400, 403, 404, 422],
        )
        .response("200", answer("A page of records.", list.clone()));
        listing = listing.parameter(filter_parameter(filter));
        listing = with_list_parameters(listing, self.object.max_rows);
        add(paths, base, HttpMethod::Get, listing);
        let query = schema_ref(&self.names.part(self.object, "Query"));
        let querying = operation(
            self.identity(
                format!("query{many}"),
                format!("Query {label} with a nested selection"),
            ),
            &[400, 403, 404, 413, 415, 422],
        )
        .request_body(Some(body(query, None)))
        .response("200", answer("A page of records.", list));
        add(paths, &format!("{base}/query"), HttpMethod::Post, querying);
        let showing = operation(
            self.identity(format!("show{one}"), format!("Show one of {label}")),
            &[400, 403, 404, 422],
        )
        .parameter_ref(parameter_ref("Id"))
        .parameter_ref(parameter_ref("Fields"))
        .parameter_ref(parameter_ref("AsOf"));
        let showing = self.with_known(showing);
        add(paths, &format!("{base}/{{id}}"), HttpMethod::Get, showing);
    }

    /// The record, and as far as the caller reads its version, how it says that it has the record already.
    fn with_known(&self, showing: OperationBuilder) -> OperationBuilder {
        let found = answer("The record.", self.record_or_object());
        if self.object.version().is_none() {
            return showing.response("200", found);
        }
        let about = if self.object.always_shows_version() {
            VERSION
        } else {
            SOME_VERSIONS
        };
        let known = Response::new("The record is the one that the caller has.");
        showing
            .parameter_ref(parameter_ref("IfNoneMatch"))
            .response("200", with_etag(found, about))
            .response("304", with_etag(known, about))
    }

    /// How a write says which version it has seen; only for those who read the version of every record.
    fn with_expected(writing: OperationBuilder, shows_version: bool) -> OperationBuilder {
        if shows_version {
            writing
                .parameter_ref(parameter_ref("IfMatch"))
                .response("412", problem_ref(412))
        } else {
            writing
        }
    }

    fn add_create(&self, paths: &mut Paths) {
        let Self { base, one, .. } = self;
        let label = &self.object.object.label;
        if self.object.creatable.is_some() {
            let sent = schema_ref(&self.names.part(self.object, "Create"));
            let creating = operation(
                self.identity(format!("create{one}"), format!("Create: {label}")),
                &[400, 403, 404, 409, 413, 415, 422],
            )
            .parameter_ref(parameter_ref("Fields"))
            .request_body(Some(body(sent, None)))
            .response("201", with_location(self.written("The new record.")));
            add(paths, base, HttpMethod::Post, creating);
        }
    }

    fn add_update(&self, paths: &mut Paths) {
        let Self { base, one, .. } = self;
        let label = &self.object.object.label;
        if self.object.updatable.is_some() {
            let sent = schema_ref(&self.names.part(self.object, "Update"));
            let mut request = body(sent.clone(), None);
            request.content.insert(
                "application/merge-patch+json".to_owned(),
                json_content(sent, None).into(),
            );
            let updating = operation(
                self.identity(format!("update{one}"), format!("Change: {label}")),
                &[400, 403, 404, 409, 413, 415, 422],
            )
            .parameter_ref(parameter_ref("Id"))
            .parameter_ref(parameter_ref("Fields"))
            .request_body(Some(request))
            .response("200", self.written("The changed record."));
            let updating = Self::with_expected(updating, self.object.always_shows_version());
            add(
                paths,
                &format!("{base}/{{id}}"),
                HttpMethod::Patch,
                updating,
            );
        }
    }

    fn add_delete(&self, paths: &mut Paths) {
        let Self { base, one, .. } = self;
        let label = &self.object.object.label;
        if self.object.deletable {
            let deleting = operation(
                self.identity(format!("delete{one}"), format!("Delete: {label}")),
                &[400, 403, 404, 409, 422],
            )
            .parameter_ref(parameter_ref("Id"))
            .response(
                "204",
                Response::new("The record is deleted; it can be restored."),
            );
            let deleting = Self::with_expected(deleting, self.object.always_shows_version());
            add(
                paths,
                &format!("{base}/{{id}}"),
                HttpMethod::Delete,
                deleting,
            );
            let restoring = operation(
                self.identity(format!("restore{one}"), format!("Restore: {label}")),
                &[400, 403, 404, 409, 422],
            )
            .parameter_ref(parameter_ref("Id"))
            .parameter_ref(parameter_ref("Fields"))
            .response("200", self.written("The record."));
            add(
                paths,
                &format!("{base}/{{id}}/restore"),
                HttpMethod::Post,
                restoring,
            );
        }
    }

    fn add_collection(&self, paths: &mut Paths, surface: &Surface, collection: &SurfaceCollection) {
        let one = &self.one;
        let part = collection.collection.name.pascal_case();
        let label = &collection.collection.label;
        let path = format!("{}/{{id}}/{}", self.base, collection.collection.name);
        let Some(list) = collection_list(self.names, surface, self.object, collection) else {
            return;
        };
        let filter = match collection.pointer() {
            Some(_) => Some(self.names.link(self.object, collection, "Filter")),
            None => surface
                .member(collection)
                .map(|target| self.names.part(target, "Filter")),
        };
        let mut listing = operation(
            self.identity(format!("list{part}Of{one}"), format!("List {label}")),
            &[400, 403, 404, 422],
        )
        .parameter_ref(parameter_ref("Id"))
        .response("200", answer("A page of members.", list.clone()));
        if let Some(filter) = filter {
            listing = listing.parameter(filter_parameter(schema_ref(&filter)));
        }
        let of_members = collection.pointer().is_none();
        let target = surface.member(collection).filter(|_| of_members);
        listing = with_list_parameters(listing, target.and_then(|target| target.max_rows));
        let relation = collection.relation.as_ref();
        if relation.is_some_and(SurfaceRelation::is_temporal) {
            listing = listing.parameter_ref(parameter_ref("Validity"));
        }
        add(paths, &path, HttpMethod::Get, listing);
        if surface.is_settable(collection) {
            let of = (self.names, self.object);
            let answered = self.versioned(answer("The members now.", list));
            let expects = self.object.always_shows_version();
            for (method, changing) in sets::operations(of, collection, &answered) {
                add(paths, &path, method, Self::with_expected(changing, expects));
            }
        }
        if let Some(relation) = relation.filter(|relation| relation.linkable.is_some()) {
            self.add_links(paths, (collection, relation), &path);
        }
    }

    fn add_links(
        &self,
        paths: &mut Paths,
        (collection, relation): (&SurfaceCollection, &SurfaceRelation),
        path: &str,
    ) {
        let one = &self.one;
        let part = collection.collection.name.pascal_case();
        let label = &collection.collection.label;
        let name = |part: &str| schema_ref(&self.names.link(self.object, collection, part));
        let shows_version = relation.always_shows_version();
        let link = |text: &str| {
            let answered = answer(text, name("Link"));
            if shows_version {
                with_etag(answered, VERSION)
            } else {
                answered
            }
        };
        let creating = operation(
            self.identity(format!("link{part}Of{one}"), format!("Link to {label}")),
            &[400, 403, 404, 409, 413, 415, 422],
        )
        .parameter_ref(parameter_ref("Id"))
        .parameter_ref(parameter_ref("Fields"))
        .request_body(Some(body(name("LinkCreate"), None)))
        .response("201", link("The new link."));
        add(paths, path, HttpMethod::Post, creating);
        let path = format!("{path}/{{linkId}}");
        let updating = operation(
            self.identity(
                format!("updateLinkTo{part}Of{one}"),
                format!("Change a link to {label}"),
            ),
            &[400, 403, 404, 409, 413, 415, 422],
        )
        .parameter_ref(parameter_ref("Id"))
        .parameter_ref(parameter_ref("LinkId"))
        .parameter_ref(parameter_ref("Fields"))
        .request_body(Some(body(name("LinkUpdate"), None)))
        .response("200", link("The changed link."));
        let updating = Self::with_expected(updating, shows_version);
        add(paths, &path, HttpMethod::Patch, updating);
        let ending = operation(
            self.identity(
                format!("unlink{part}Of{one}"),
                format!("End a link to {label}"),
            ),
            &[400, 403, 404, 409, 422],
        )
        .parameter_ref(parameter_ref("Id"))
        .parameter_ref(parameter_ref("LinkId"))
        .response("204", Response::new("The link has ended."));
        let ending = Self::with_expected(ending, shows_version);
        add(paths, &path, HttpMethod::Delete, ending);
    }
}

/// Adds the parameters of a list, of which one page has no more records than the rules allow.
fn with_list_parameters(listing: OperationBuilder, max_rows: Option<u32>) -> OperationBuilder {
    LIST_PARAMETERS.into_iter().fold(listing, |listing, name| {
        match max_rows.filter(|_| name == "Limit") {
            Some(most) => listing.parameter(limit_of(LIMITS.page_of(Some(most)))),
            None => listing.parameter_ref(parameter_ref(name)),
        }
    })
}
