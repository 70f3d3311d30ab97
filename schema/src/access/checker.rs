//! The checker: from a caller, the policy and the catalog to a grant.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    sync::Arc,
};

use time::OffsetDateTime;

use crate::{
    access::{
        Action, Caller, Condition, FieldScope, Grant, GrantedRule, Permission, Permit, Policy,
        Principal, Role, Rule, RuleLimits, Variables,
        grant::{self, GrantedType},
    },
    catalog::{Catalog, Collection, CollectionKind, Field, FieldList, ObjectType, RelationType},
    error::{Error, Result},
    id::{FieldId, ObjectTypeId},
};

/// Answers what one caller may do. It lives for one request.
#[derive(Debug)]
pub struct Checker<'a> {
    pub(in crate::access) catalog: &'a Arc<Catalog>,
    pub(in crate::access) caller: &'a Caller,
    /// The roles of the caller with all that they inherit, each once.
    roles: Vec<&'a Role>,
    variables: Variables,
}

/// The actions as types, each with its value.
pub trait GrantAction {
    /// The action of the rules that grant it.
    const ACTION: Action;
}

macro_rules! grant_actions {
    ($($name:ident)*) => {$(
        impl GrantAction for grant::$name {
            const ACTION: Action = Action::$name;
        }
    )*};
}
grant_actions! { Read Create Update Delete Link Aggregate Export Share }

impl<'a> Checker<'a> {
    /// A checker for one caller.
    pub fn new(catalog: &'a Arc<Catalog>, policy: &'a Policy, caller: &'a Caller) -> Self {
        Self {
            catalog,
            caller,
            roles: policy.roles_of(&caller.roles),
            variables: caller.variables(&policy.teams),
        }
    }

    /// The same for the caller as if those shares alone were there that last until then.
    pub(crate) fn with_shares_until(mut self, until: OffsetDateTime) -> Self {
        self.variables = self.variables.with_shares_until(until);
        self
    }

    /// The catalog that the checker answers by.
    pub fn catalog(&self) -> &'a Arc<Catalog> {
        self.catalog
    }

    /// The caller.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// The object type with this plural name, if the caller may do anything with it at all.
    pub fn find_object(&self, plural: &str) -> Option<&'a Arc<ObjectType>> {
        let object = self.catalog.find_plural(plural)?;
        let any = [Action::Read, Action::Create, Action::Update, Action::Delete];
        any.into_iter()
            .any(|action| self.allows(object.id.uuid(), action))
            .then_some(object)
    }

    /// The grant of `A` on an object type; `None` when no rule gives it.
    pub fn grant<A: GrantAction>(&self, object: &Arc<ObjectType>) -> Option<Grant<A>> {
        self.build(
            object.id.uuid(),
            GrantedType::Object(Arc::clone(object)),
            &object.fields,
        )
    }

    /// The grant of `A` on the links of a relation type; `None` when no rule gives it.
    pub fn grant_relation<A: GrantAction>(&self, relation: &Arc<RelationType>) -> Option<Grant<A>> {
        self.build(
            relation.id.uuid(),
            GrantedType::Relation(Arc::clone(relation)),
            &relation.fields,
        )
    }

    /// The grant to read an object type by its id.
    pub fn grant_read(&self, object: ObjectTypeId) -> Option<Grant<grant::Read>> {
        self.grant(self.catalog.find_object(object)?)
    }

    /// The collection with this name, with the grants on its members and, for a relation, its links.
    pub fn find_collection(
        &self,
        object: ObjectTypeId,
        name: &str,
    ) -> Option<GrantedCollection<'a>> {
        self.granted(object, self.catalog.find_collection(object, name)?)
    }

    /// The grants along a collection of a record of this type; `None` when the caller may not know of it.
    fn granted(
        &self,
        near: ObjectTypeId,
        collection: &'a Collection,
    ) -> Option<GrantedCollection<'a>> {
        if let Some(pointer) = self.catalog.member_pointer(collection) {
            return self.granted_links(near, collection, pointer);
        }
        let members = self.grant_read(collection.target?)?;
        let (links, of_near) = match collection.kind {
            CollectionKind::Inverse { field } => {
                let name = members.all_fields().find_by_id(field)?.name.as_str();
                let visibility = members.field(name)?.visibility;
                return Some(GrantedCollection {
                    collection,
                    reference: Some(visibility),
                    members,
                    links: None,
                    pointer: None,
                    of_near: Condition::TRUE,
                });
            }
            CollectionKind::Relation {
                relation,
                direction,
            } => {
                let relation = self.catalog.find_relation(relation)?;
                let of_near = Condition::near_is(relation, direction, near);
                (self.grant_relation(relation)?, of_near)
            }
        };
        Some(GrantedCollection {
            collection,
            reference: None,
            members,
            links: Some(links),
            pointer: None,
            of_near,
        })
    }

    /// The grants along a collection of several types: on the links, of which the members are read. One
    /// of the types at least must be one that the caller can read.
    fn granted_links(
        &self,
        near: ObjectTypeId,
        collection: &'a Collection,
        pointer: &'a Arc<Field>,
    ) -> Option<GrantedCollection<'a>> {
        let CollectionKind::Relation {
            relation,
            direction,
        } = collection.kind
        else {
            return None;
        };
        let relation = self.catalog.find_relation(relation)?;
        let targets = self.catalog.targets(pointer);
        let mut readable = targets.iter();
        readable.find(|target| self.allows(target.id.uuid(), Action::Read))?;
        Some(GrantedCollection {
            collection,
            reference: None,
            members: self.grant_relation(relation)?,
            links: Some(self.grant_relation(relation)?),
            pointer: Some(pointer),
            of_near: Condition::near_is(relation, direction, near),
        })
    }

    /// The proof of a permission beyond records. Only people have them, never keys.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        let held = self.caller.is_system()
            || (matches!(self.caller.principal, Principal::User(_))
                && self.caller.scopes.is_none()
                && (permission != Permission::ManagePartnerAccess
                    || self.caller.partner.is_some())
                && self
                    .roles()
                    .any(|role| role.permissions.contains(&permission)));
        if held {
            return Ok(Permit { permission });
        }
        Err(Error::Forbidden(match permission {
            Permission::ManageSchema => {
                "this needs a role with the permission manageSchema".to_owned()
            }
            Permission::ManageAccess | Permission::ManagePartnerAccess => {
                "this needs a role with the permission manageAccess".to_owned()
            }
            Permission::ManageCurrencies => {
                "this needs a role with the permission manageCurrencies or manageSchema".to_owned()
            }
        }))
    }

    /// Whether some rule gives this action on this subject.
    pub(in crate::access) fn allows(&self, subject: uuid::Uuid, action: Action) -> bool {
        self.caller.is_system() || self.rules(subject, action).next().is_some()
    }

    pub(in crate::access) fn roles(&self) -> impl Iterator<Item = &'a Role> {
        self.roles.iter().copied()
    }

    /// The rules that apply: of the caller's roles, left by its scopes, with no variable missing.
    pub(in crate::access) fn rules(
        &self,
        subject: uuid::Uuid,
        action: Action,
    ) -> impl Iterator<Item = GrantedRule> {
        let scope = match &self.caller.scopes {
            None => Some(FieldScope::All),
            Some(scopes) => scopes.fields(subject, action),
        };
        let on_it = move |rule: &&Rule| {
            rule.action == action && rule.subject.is_none_or(|named| named == subject)
        };
        scope.into_iter().flat_map(move |scope| {
            let rules = self.roles().flat_map(|role| &role.rules).filter(on_it);
            rules.filter_map(move |rule| {
                let granted = self.bind(rule, &scope)?;
                self.is_left(&granted, (subject, action), &scope)
                    .then_some(granted)
            })
        })
    }

    /// Whether a scope leaves something of a rule that is about writing fields. What the server sets by a
    /// rule of which none is left would still be a write.
    pub(in crate::access) fn is_left(
        &self,
        granted: &GrantedRule,
        (subject, action): (uuid::Uuid, Action),
        scope: &FieldScope,
    ) -> bool {
        if *scope == FieldScope::All || !matches!(action, Action::Create | Action::Update) {
            return true;
        }
        let subject = self.catalog.find_subject_by_id(subject);
        let fields = subject.and_then(|subject| self.catalog.subject_fields(subject));
        let mut fields = fields.into_iter().flat_map(FieldList::iter);
        fields.any(|field| granted.may_write(field))
    }

    /// The rule with the caller's variables put in, on those of its fields that the scope has. A rule to
    /// read of which no field is left still shows that its records exist.
    pub(in crate::access) fn bind(&self, rule: &Rule, scope: &FieldScope) -> Option<GrantedRule> {
        let bound = |condition: &Option<Condition>| match condition {
            Some(condition) => condition.bind(&self.variables),
            None => Some(Condition::TRUE),
        };
        let rows = bound(&rule.condition)?;
        let check = if rule.check.is_some() {
            bound(&rule.check)?
        } else {
            rows.clone()
        };
        let mut presets = rule.presets.clone();
        for part in presets.iter_mut().flat_map(|preset| &mut preset.parts) {
            if let super::Operand::Variable(variable) = part {
                *part = super::Operand::Value(self.variables.find(*variable)?.clone());
            }
        }
        Some(GrantedRule {
            fields: rule.fields.and(scope),
            rows,
            check,
            presets,
            masks: rule.masks.clone(),
            limits: rule.limits,
            of_system: false,
        })
    }

    fn build<A: GrantAction>(
        &self,
        subject: uuid::Uuid,
        on: GrantedType,
        fields: &FieldList,
    ) -> Option<Grant<A>> {
        if self.caller.is_system() {
            let rules = vec![GrantedRule::unrestricted()];
            return Some(Grant {
                on,
                rules,
                hidden: BTreeSet::new(),
                action: PhantomData,
            });
        }
        let mut rules: Vec<GrantedRule> = self.rules(subject, A::ACTION).collect();
        if rules.is_empty() {
            return None;
        }
        let covering_all = rules.iter().position(GrantedRule::is_unrestricted);
        if let Some(at) = covering_all {
            rules = vec![rules.swap_remove(at)];
        }
        Some(Grant {
            on,
            rules,
            hidden: self.hidden_references(fields),
            action: PhantomData,
        })
    }

    fn hidden_references(&self, fields: &FieldList) -> BTreeSet<FieldId> {
        let sees = |object: &&Arc<ObjectType>| self.allows(object.id.uuid(), Action::Read);
        fields
            .iter()
            .filter(|field| match &field.lookup {
                Some(lookup) => !self.sees_field(lookup),
                None => field.is_reference() && !self.catalog.targets(field).iter().any(sees),
            })
            .map(|field| field.id)
            .collect()
    }
}

impl Checker<'_> {
    /// Whether the field that a lookup shows is read by some rule. No grant is made for it: grants of
    /// types whose lookups show fields of each other would be made without end.
    fn sees_field(&self, lookup: &crate::catalog::Lookup) -> bool {
        let mut rules = self.rules(lookup.target.uuid(), Action::Read);
        rules.any(|rule| rule.fields.contains(lookup.field.id))
    }
}

impl GrantedRule {
    fn unrestricted() -> Self {
        Self {
            fields: FieldScope::All,
            rows: Condition::TRUE,
            check: Condition::TRUE,
            presets: Vec::new(),
            masks: BTreeMap::new(),
            limits: RuleLimits::default(),
            of_system: true,
        }
    }

    fn is_unrestricted(&self) -> bool {
        self.fields == FieldScope::All
            && self.rows.is_true()
            && self.check.is_true()
            && self.presets.is_empty()
            && self.masks.is_empty()
            && self.limits == RuleLimits::default()
    }
}

/// A collection that the caller may walk.
#[derive(Debug)]
pub struct GrantedCollection<'a> {
    /// The collection.
    pub collection: &'a Collection,
    /// On which members the reference that points back shows; `None` for relations.
    pub reference: Option<grant::Visibility>,
    /// The grant on the members; where they are of several types, on the links that point at them.
    pub members: Grant<grant::Read>,
    /// The grant on the links; `None` for inverses.
    pub links: Option<Grant<grant::Read>>,
    /// The pointer from the links to the members, where these are of several types.
    pub pointer: Option<&'a Arc<Field>>,
    /// Which links are those of a record of the type that has the collection.
    pub(in crate::access) of_near: Condition,
}
