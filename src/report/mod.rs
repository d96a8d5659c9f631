//! What arrives: where from (`source`), in which form (`decode`), what its columns mean
//! (`columns`), and the tables it is kept in.

pub mod columns;
pub mod dates;
pub mod decode;
pub mod folder;
pub mod mention;
pub mod pushed;
pub mod quality;
pub mod sheet;
pub mod source;
pub mod table;
mod title;
mod understand;
pub mod upload;
pub mod usual;
mod words;
