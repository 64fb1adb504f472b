//! What a command may take of the machine, as it is typed.

use std::num::NonZero;
use std::time::Duration;

use clap::Args;
use plimsoll_cel::arena;
use plimsoll_document::{Limits, Threads};

/// More threads than this help nobody.
pub(crate) const MOST_THREADS: u64 = 1_024;

/// The longest time a control may be given, in seconds: a day.
pub(crate) const MOST_SECONDS: u64 = 86_400;

/// The most memory an expression may be given, in MiB: a TiB.
pub(crate) const MOST_MEMORY: u64 = 1 << 20;

/// The largest file that may be allowed, in MiB: places in a text are numbers of 32 bits.
pub(crate) const MOST_FILE_SIZE: u64 = 4_095;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Resources")]
pub(crate) struct WorkArguments {
    /// How many threads work at the same time; one for each processor, if not given. No report changes with it.
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_THREADS))]
    pub(crate) threads: Option<u64>,
    /// How long a control may take on one object; 30 seconds, if not given. Past it the control is not assessed there.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub(crate) control_time_limit: Option<u64>,
    /// How much memory a control may take for the values it makes of one item; 256 MiB, if not given. Past it the control
    /// is not assessed on the object.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=MOST_MEMORY))]
    pub(crate) control_memory_limit: Option<u64>,
    /// How large a file may be; 2048 MiB, if not given. A larger one is not read.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=MOST_FILE_SIZE))]
    pub(crate) file_size_limit: Option<u64>,
}

impl WorkArguments {
    /// Sets what was not typed.
    pub(crate) fn complete(&mut self, others: &WorkArguments) {
        self.threads = self.threads.or(others.threads);
        self.control_time_limit = self.control_time_limit.or(others.control_time_limit);
        self.control_memory_limit = self.control_memory_limit.or(others.control_memory_limit);
        self.file_size_limit = self.file_size_limit.or(others.file_size_limit);
    }

    /// How many threads work.
    pub(crate) fn threads(&self) -> Threads {
        let count = self.threads.and_then(|count| usize::try_from(count).ok());
        count
            .and_then(NonZero::new)
            .map_or_else(Threads::available, Threads::new)
    }

    /// What a control may take.
    pub(crate) fn control_limits(&self) -> arena::Limits {
        let usual = arena::Limits::default();
        arena::Limits {
            memory: self.control_memory_limit.map_or(usual.memory, bytes),
            time: self
                .control_time_limit
                .map(Duration::from_secs)
                .or(usual.time),
        }
    }

    /// What a file may be.
    pub(crate) fn file_limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            max_bytes: self.file_size_limit.map_or(usual.max_bytes, bytes),
            ..usual
        }
    }
}

fn bytes(mib: u64) -> usize {
    usize::try_from(mib << 20).unwrap_or(usize::MAX)
}
