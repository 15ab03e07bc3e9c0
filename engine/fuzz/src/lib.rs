//! What the fuzz targets share: the plan of a run, the wire, and the model that the engine is compared with.
//! No rule of the engine is repeated here but in `model` and `request`, which were written from the RFCs.
#![forbid(unsafe_code)]

pub mod client;
pub mod coded;
pub mod model;
pub mod plan;
pub mod request;
pub mod script;
