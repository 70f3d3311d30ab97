//! Sets of links. A member that is there already stays, and the fields that are sent with it go to its
//! link; where two records may be linked more than once, adding makes another link.
//!
//! Of a temporal type a set is about the links that hold today: a link that is removed ends today, one
//! that has not begun is deleted, and a new one begins today unless it says when it holds.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value as Json};
use time::Date;
use uuid::Uuid;

use super::{Change, MOST_REPLACED, collect, fault, finish, no_record, places::InSight};
use crate::{
    access::{Condition, Grant, Read},
    catalog::{Column, Direction, ObjectType, RelationType, Subject},
    engine::write::{
        Writing, any_flag,
        link::{Hold, Path, Record},
        order::hold_of,
        position::siblings_of_end,
        record::{changes, recorded},
    },
    error::{Error, Place, Result},
    id::{ObjectTypeId, RecordId},
    plan::{
        read::{not_found, parse_id},
        write::Values,
    },
    request::sets::{Item, Named, Removal, Spot},
    sql::{
        Sight, Why,
        links::Period,
        sets::{Linked, Rows, linked, live_rows},
        write::Lock,
    },
    value::Value,
};

/// A link of a collection whose record is in sight.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine::write) struct SeenLink {
    /// The link.
    pub(in crate::engine::write) link: Uuid,
    /// The record at its far end.
    pub(in crate::engine::write) far: Record,
    /// Whether what was asked of it holds.
    flag: bool,
}

/// Which links of a collection are looked for.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// Those to this record.
    far: Option<Record>,
    /// Of a temporal type those that hold in this period.
    period: Period,
}

impl Writing<'_> {
    pub(super) async fn change_links(
        &self,
        (object, near): (&Arc<ObjectType>, RecordId),
        change: &Change<'_>,
    ) -> Result<()> {
        let (near, name) = (near.to_string(), &change.granted.collection.name);
        let path = (object.plural.as_str(), near.as_str(), name.as_str());
        let path = self.path(path, hold_of(&change.asked)).await?;
        let mut faults = Vec::new();
        if let Some(items) = &change.asked.set {
            let set = self.set_links(&path, items, &change.place).await;
            collect(set, &mut faults)?;
        }
        // What goes makes room for what comes.
        for removal in &change.asked.remove {
            collect(self.remove_links(&path, removal).await, &mut faults)?;
        }
        collect(self.add_links(&path, &change.asked.add).await, &mut faults)?;
        finish(faults)
    }

    fn today(&self) -> Date {
        self.checker.caller().now.date()
    }

    /// Today, as a period.
    fn this_day(&self) -> Period {
        Period {
            from: Some(self.today()),
            until: self.today().next_day(),
        }
    }

    async fn remove_links(&self, path: &Path, removal: &Removal) -> Result<()> {
        let missing = || Err(Error::Invalid(vec![no_record(&removal.place)]));
        match &removal.named {
            Named::Link(link) => {
                let found = self.find_link(path, link, Hold::Ends).await;
                match found {
                    Ok((link, _)) => self.end_link(path, link).await,
                    Err(Error::RecordNotFound { .. }) => {
                        let mut fault = no_record(&removal.place.child("link"));
                        "there is no link with this id".clone_into(&mut fault.message);
                        Err(Error::Invalid(vec![fault]))
                    }
                    Err(error) => Err(error),
                }
            }
            Named::Record(id) => {
                let records = self.named_records(path, id, removal).await?;
                if records.is_empty() {
                    return missing();
                }
                for far in records {
                    let wanted = Wanted {
                        far: Some(far),
                        period: Period {
                            from: Some(self.today()),
                            until: None,
                        },
                    };
                    for link in self.links_of(path, wanted).await? {
                        self.end_link(path, link.link).await?;
                    }
                }
                Ok(())
            }
        }
    }

    /// The records in sight that a removal names: one, but that the id may be there in several types.
    async fn named_records(&self, path: &Path, id: &str, removal: &Removal) -> Result<Vec<Record>> {
        let end = path.relation.far(path.direction);
        let types: Vec<ObjectTypeId> = match &removal.of_type {
            None => end.types().collect(),
            Some(_) if !end.is_polymorphic() => {
                let place = removal.place.child("type");
                let message = "the members here are of one type; name the record by its id";
                return Err(Error::Invalid(vec![fault(&place, message)]));
            }
            Some(name) => {
                let mut named = Map::from_iter([("type".to_owned(), Json::from(name.as_str()))]);
                vec![path.named_type(self, &mut named, &removal.place)?]
            }
        };
        let mut records = Vec::with_capacity(1);
        if let Some(id) = parse_id(id).map(RecordId::uuid) {
            for of_type in types {
                if self.exists(of_type, id).await? {
                    records.push((of_type, id));
                }
            }
        }
        Ok(records)
    }

    async fn add_links(&self, path: &Path, items: &[Item]) -> Result<()> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for item in items {
            let twice = !path.relation.allow_duplicates && !seen.insert(&item.id);
            if twice {
                faults.push(fault(&item.place, "names the same record twice"));
                continue;
            }
            collect(self.put_link(path, item).await, &mut faults)?;
        }
        finish(faults)
    }

    /// A member that is to be there, once or once more.
    async fn put_link(&self, path: &Path, item: &Item) -> Result<()> {
        let link = self.put_link_anywhere(path, item).await?;
        match &item.spot {
            Some(spot) => self.place_link(path, (link, spot), &item.place).await,
            None => Ok(()),
        }
    }

    async fn place_link(&self, path: &Path, at: (Uuid, &Spot), place: &Place) -> Result<()> {
        let near = path.near.uuid();
        let Some(siblings) = siblings_of_end(&path.relation, path.direction, near) else {
            return Ok(());
        };
        self.may_move(path, &[at.0]).await?;
        // Those that are named, or all where places are counted.
        let end = path.relation.far(path.direction);
        let named: Vec<Option<Record>> = match at.1 {
            Spot::Before(id) | Spot::After(id) => {
                let id = parse_id(id).map(RecordId::uuid);
                end.types()
                    .filter_map(|it| Some((it, id?)))
                    .map(Some)
                    .collect()
            }
            Spot::At(_) => vec![None],
        };
        let (mut in_sight, period) = (InSight::new(), self.this_day());
        for far in named {
            let links = self.links_of(path, Wanted { far, period }).await?;
            in_sight.extend(links.iter().map(|link| (link.far.1, link.link)));
        }
        self.put_at((path.subject(), &siblings), at, &in_sight, place)
            .await
    }

    /// Refuses to move links that the caller may not change.
    async fn may_move(&self, path: &Path, links: &[Uuid]) -> Result<()> {
        let rows = path.grant.rows().into_condition();
        for link in links {
            let looked_at = (&[][..], &[&rows][..], Lock::Change);
            let target = path.target(*link);
            let row = self
                .inspect(target, Sight::Engine(Why::Again), looked_at)
                .await?;
            if !row.map_or(Ok(true), |row| any_flag(&row, 0, 1))? {
                let message = "no rule of your roles lets you move this link";
                return Err(Error::Forbidden(message.to_owned()));
            }
        }
        Ok(())
    }

    /// Puts the links in the order of a list.
    async fn arrange_links(&self, path: &Path, links: &[Uuid]) -> Result<()> {
        let near = path.near.uuid();
        let Some(siblings) = siblings_of_end(&path.relation, path.direction, near) else {
            return Ok(());
        };
        let moved = self.out_of_order(&siblings, links).await?;
        let rows = links.iter().zip(&moved).filter(|(_, moved)| **moved);
        let rows: Vec<Uuid> = rows.map(|(link, _)| *link).collect();
        self.may_move(path, &rows).await?;
        self.put_in_order((path.subject(), &siblings), links, &moved)
            .await
    }

    async fn put_link_anywhere(&self, path: &Path, item: &Item) -> Result<Uuid> {
        let mut values = item.values.clone();
        let far_type = path.named_type(self, &mut values, &item.place)?;
        let far = parse_id(&item.id).map(|id| (far_type, id.uuid()));
        if let Some(far) = far.filter(|_| !path.relation.allow_duplicates) {
            let wanted = Wanted {
                far: Some(far),
                period: self.this_day(),
            };
            if let Some(link) = self.links_of(path, wanted).await?.first() {
                let sent = (&values, &item.place);
                self.keep_link(path, link.link, sent).await?;
                return Ok(link.link);
            }
        }
        self.new_link(path, item).await
    }

    async fn new_link(&self, path: &Path, item: &Item) -> Result<Uuid> {
        let (begins, place) = (Some(self.today()), &item.place);
        let done = self
            .add_link((path, &item.id), &item.values, (begins, place))
            .await?;
        Ok(done.id.uuid())
    }

    /// A member that is there already: its link takes the fields that are sent with it.
    async fn keep_link(
        &self,
        path: &Path,
        link: Uuid,
        (values, place): (&Map<String, Json>, &Place),
    ) -> Result<()> {
        if !values.is_empty() {
            let link = (&*link.to_string(), None);
            self.change_link(path, link, values, place).await?;
        }
        Ok(())
    }

    async fn set_links(&self, path: &Path, items: &[Item], place: &Place) -> Result<()> {
        let wanted = Wanted {
            far: None,
            period: self.this_day(),
        };
        let present = self.links_of(path, wanted).await?;
        if present.len() > MOST_REPLACED {
            let message = format!(
                "the record has more than {MOST_REPLACED} links here, too many to be replaced at once; \
                 use add and remove"
            );
            return Err(Error::Invalid(vec![fault(place, message)]));
        }
        let mut left: BTreeMap<Record, VecDeque<SeenLink>> = BTreeMap::new();
        for link in present {
            left.entry(link.far).or_default().push_back(link);
        }
        let (mut faults, mut seen, mut listed) = (Vec::new(), BTreeSet::new(), Vec::new());
        for item in items {
            let mut values = item.values.clone();
            let far_type = path.named_type(self, &mut values, &item.place);
            let Some(far_type) = collect(far_type, &mut faults)? else {
                continue;
            };
            let Some(far) = parse_id(&item.id).map(|id| (far_type, id.uuid())) else {
                faults.push(no_record(&item.place));
                continue;
            };
            if !path.relation.allow_duplicates && !seen.insert(far) {
                faults.push(fault(&item.place, "names the same record twice"));
                continue;
            }
            let known = left.get_mut(&far).and_then(VecDeque::pop_front);
            listed.push((item, values, known.map(|link| link.link)));
        }
        finish(std::mem::take(&mut faults))?;
        for link in left.values().flatten().filter(|link| link.flag) {
            self.end_link(path, link.link).await?;
        }
        let mut links = Vec::with_capacity(listed.len());
        for (item, values, known) in listed {
            let link = match known {
                Some(link) => {
                    let kept = self.keep_link(path, link, (&values, &item.place)).await;
                    kept.map(|()| link)
                }
                None => self.new_link(path, item).await,
            };
            links.extend(collect(link, &mut faults)?);
        }
        finish(faults)?;
        self.arrange_links(path, &links).await
    }

    /// Ends a link: it is deleted, or, of a temporal type and begun before today, holds no longer.
    async fn end_link(&self, path: &Path, link: Uuid) -> Result<()> {
        let fields = recorded(&path.relation.fields);
        let columns: Vec<&Column> = fields.iter().flat_map(|field| &field.columns).collect();
        let rows = path.grant.rows().into_condition();
        let looked_at = (&*columns, &[&rows][..], Lock::Change);
        let row = self
            .inspect(path.target(link), Sight::Engine(Why::Again), looked_at)
            .await?;
        // Somebody else has ended it.
        let Some(row) = row else { return Ok(()) };
        if !any_flag(&row, columns.len(), 1)? {
            let message = "no rule of your roles lets you end this link";
            return Err(Error::Forbidden(message.to_owned()));
        }
        let Some([_, until]) = path.relation.period() else {
            self.mark_deleted(path.target(link), &row, &fields, ("unlink", "before"))
                .await?;
            return Ok(());
        };
        let period = self.stored_period(path, link).await?;
        if period.from.is_some_and(|from| from >= self.today()) {
            self.mark_deleted(path.target(link), &row, &fields, ("unlink", "before"))
                .await?;
            return Ok(());
        }
        let mut values = Values::default();
        values.set(until, vec![Value::Date(self.today())]);
        let looked_at = (&[until.column()][..], &[][..], Lock::None);
        let before = self
            .inspect(path.target(link), Sight::Engine(Why::Again), looked_at)
            .await?;
        let before = before.ok_or_else(|| not_found(path.relation.name.as_str(), ""))?;
        let version = before.integer(0)?.unwrap_or(0);
        let changes = changes(&before, &values, |_| false)?;
        let nowhere = Place::Pointer(String::new());
        let justified: [&Condition; 1] = [&Condition::TRUE];
        self.store_change(
            path.target(link),
            (version, changes),
            &values,
            (&justified, &nowhere),
        )
        .await?;
        Ok(())
    }

    /// The links of a path that the caller sees, flagged where it may end them.
    async fn links_of(&self, path: &Path, wanted: Wanted) -> Result<Vec<SeenLink>> {
        let (visible, flag) = (
            self.links_in_sight(&path.read),
            path.grant.rows().into_condition(),
        );
        let of = Linked {
            relation: &path.relation,
            direction: path.direction,
            near: path.start(),
            far: wanted.far,
            period: path.relation.temporal.then_some(wanted.period),
            visible: &visible,
            flag: &flag,
        };
        self.seen(of).await
    }

    /// The links of a collection that hold today and that the caller sees.
    pub(in crate::engine::write) async fn linked(
        &self,
        (relation, direction, near): (&RelationType, Direction, Record),
        read: &Grant<Read>,
        flag: &Condition,
    ) -> Result<Vec<SeenLink>> {
        let visible = self.links_in_sight(read);
        let of = Linked {
            relation,
            direction,
            near,
            far: None,
            period: relation.temporal.then(|| self.this_day()),
            visible: &visible,
            flag,
        };
        self.seen(of).await
    }

    /// Page by page, up to one more than may be replaced: those to records in sight.
    async fn seen(&self, of: Linked<'_>) -> Result<Vec<SeenLink>> {
        let page = MOST_REPLACED as u64 + 1;
        let end = of.relation.far(of.direction);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let statement = linked(self.catalog, self.dialect(), of, (after, page))?;
            let rows = self.fetch(statement).await?;
            let mut links = Vec::with_capacity(rows.len());
            for row in &rows {
                let of_type = match end.object {
                    Some(object) => Some(object),
                    None => row.uuid(3)?.map(ObjectTypeId::new),
                };
                after = row.uuid(0)?.or(after);
                if let (Some(link), Some(far)) = (row.uuid(0)?, of_type.zip(row.uuid(1)?)) {
                    let flag = row.integer(2)? == Some(1);
                    links.push(SeenLink { link, far, flag });
                }
            }
            for of_type in end.types() {
                let of_this = links.iter().map(|link| link.far);
                let of_this = of_this.filter(|far| far.0 == of_type);
                let ids: Vec<Uuid> = of_this.map(|far| far.1).collect();
                let in_sight = self.in_sight(of_type, &ids).await?;
                let seen = |it: &&SeenLink| it.far.0 == of_type && in_sight.contains(&it.far.1);
                found.extend(links.iter().filter(seen).copied());
            }
            if rows.len() as u64 != page || found.len() > MOST_REPLACED {
                return Ok(found);
            }
        }
    }

    /// Those of the records that the caller sees.
    pub(super) async fn in_sight(
        &self,
        object: ObjectTypeId,
        ids: &[Uuid],
    ) -> Result<BTreeSet<Uuid>> {
        let Some(grant) = self.checker.grant_read(object).filter(|_| !ids.is_empty()) else {
            return Ok(BTreeSet::new());
        };
        let visible = grant.rows().into_condition();
        let rows = Rows {
            subject: Subject::Object(object),
            table: grant.table(),
            ids,
            visible: Sight::Of(&visible),
        };
        let select = live_rows(self.catalog, self.dialect(), rows, &[])?;
        let mut seen = BTreeSet::new();
        for row in self.fetch(select).await? {
            seen.extend(row.uuid(0)?);
        }
        Ok(seen)
    }
}
