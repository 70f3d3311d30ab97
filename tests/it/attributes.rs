//! What fields and object types may have besides their type: who may write a field and how often, what
//! the events keep of it, keys over several fields, owners, singletons, orders, trees.

mod fields;
mod objects;
