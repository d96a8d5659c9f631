//! Units, accounts, people and who answers for what; how they come in from a table, what an import
//! would change, how people are invited and bound to a chat.

pub mod alias;
mod answering;
pub mod audit;
mod beside_chat;
mod brought_up;
mod cells;
pub mod change;
mod check;
mod columns;
pub mod compare;
mod crew;
pub mod difference;
pub mod duty;
pub mod edit;
pub mod event;
pub mod export;
pub mod former;
mod grid;
pub mod group;
pub mod history;
pub mod import;
pub mod imported;
pub mod invitation;
pub mod keep;
pub mod learned;
mod ledger;
pub mod model;
pub mod names;
mod pair;
mod read;
mod record;
mod renamed;
pub mod rights;
mod scope;
pub mod staff;
pub mod table;

pub use alias::Alias;
pub use columns::Kind;
pub use duty::Duty;
pub use group::Group;
pub use model::{
    Account, AccountState, LearnedAlias, Person, Role, Roster, Said, Scope, Target, Unit, Whose,
};
