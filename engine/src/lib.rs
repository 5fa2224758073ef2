//! The matching pipeline: import → profile → cleanse → match → merge → export, on Apache DataFusion.
//!
//! **Architecture invariants:** no HTTP, no application database, no clock of its own. It is told where to read and
//! write by a [`Context`], reports through [`Progress`], and stops at the next checkpoint after
//! [`Context::cancel`] fires.
//!
//! ```text
//! workspace/<step>/current      name of the published version          (one small file, replaced by rename)
//! workspace/<step>/<version>/   *.parquet + summary.json               (never changed after it is published)
//! outputs/                      files of one execution for download    (renamed into place when complete)
//! ```

mod buckets;
mod column_names;
pub mod context;
pub mod databases;
mod dates;
pub mod error;
pub mod evaluate;
pub mod file_servers;
mod functions;
mod interner;
pub mod matches;
mod patterns;
pub mod phonetic;
pub mod pipeline;
pub mod progress;
pub mod read;
pub mod results;
pub mod review;
pub mod roots;
pub mod runtime;
pub mod secrets;
pub mod similarity;
pub mod steps;
pub mod suggest;
mod table;
pub mod validate;

pub use context::{Checkpoint, Context, StepContext};
pub use error::{Failure, PipelineError};
pub use evaluate::{Evaluation, Truth, evaluate};
pub use pipeline::{PipelineSpec, profile_sources, run};
pub use progress::{Progress, StepCounts, StepProgress, Unheard};
pub use results::{Version, Workspace};
pub use review::ReviewFlags;
pub use runtime::{Engine, EngineConfig};
pub use secrets::Secrets;
pub use steps::{
    cleanse::preview as preview_cleanse,
    export::{placing::mark as export_mark, settings::ExportSettings},
    import::places::ImportSettings,
    matching::{estimate_blocking, explain_pair, models},
    merge::{
        lineage::read::group_lineage,
        preview::{PreviewGroups, preview_merge},
    },
};
pub use suggest::suggest;
pub use validate::{KnownColumns, validate};
