//! Access: who may do what, and the only door to a [`Grant`].
//!
//! Deny by default. Rules only add, key scopes only narrow. A hidden thing and a thing that does not
//! exist are the same to a caller.

mod caller;
mod checker;
mod condition;
mod end;
mod explain;
mod grant;
mod index_need;
mod mask;
mod policy;
mod rate_class;
mod reach;
mod sharing;
#[cfg(any(test, all(feature = "proof", debug_assertions)))]
mod sight;
mod surface;
mod team;
mod tree;

#[cfg(test)]
mod tests;

pub use caller::{Caller, Origin, PartnerBinding, Principal, Scope, Scopes, Variable, Variables};
pub use checker::{Checker, GrantAction, GrantedCollection};
pub use condition::{Condition, Hop, Operand, Quantifier, StoredCondition};
pub(crate) use explain::Standing;
pub use grant::{
    Aggregate, Create, Delete, Export, Grant, GrantedRule, Link, Permit, Read, ReadableField,
    RowFilter, Share, Update, Visibility,
};
pub(crate) use index_need::IndexNeed;
pub use mask::{Mask, Masked};
pub use policy::{Action, FieldScope, Permission, Policy, Preset, Role, Rule, RuleLimits};
pub use rate_class::RateClass;
pub(crate) use reach::Reach;
pub use surface::{Partly, Surface, SurfaceCollection, SurfaceObject, SurfaceRelation};
pub use team::{Grantees, ShareAccess, Shared, Teams};
pub use tree::{Lineage, TreeWalk};
