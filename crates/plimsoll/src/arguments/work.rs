//! What a command may take of the machine, as it is typed.

use std::num::NonZero;

use clap::Args;
use plimsoll_document::Threads;

/// More threads than this help nobody.
pub(crate) const MOST_THREADS: u64 = 1_024;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Resources")]
pub(crate) struct WorkArguments {
    /// How many threads work at the same time; one for each processor, if not given. No report changes with it.
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_THREADS))]
    pub(crate) threads: Option<u64>,
}

impl WorkArguments {
    /// Sets what was not typed.
    pub(crate) fn complete(&mut self, others: &WorkArguments) {
        self.threads = self.threads.or(others.threads);
    }

    /// How many threads work.
    pub(crate) fn threads(&self) -> Threads {
        let count = self.threads.and_then(|count| usize::try_from(count).ok());
        count
            .and_then(NonZero::new)
            .map_or_else(Threads::available, Threads::new)
    }
}
