//! Where evaluations make their values, and how much memory and time they may take for it.
//!
//! Cost bounds an evaluation as the API server bounds it, but a unit of cost is no byte and no second. What an arena
//! gave away is counted when it gives; the clock is looked at once in many units of cost, and by single steps that take
//! longer than their cost says.

use std::cell::Cell;
use std::time::{Duration, Instant};

use bumpalo::Bump;

/// What evaluations may take beside cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes the values may have that are made between two [resets](Arena::reset).
    pub memory: usize,
    /// How long evaluations may take from one [start](Arena::start) to the next; any time, if not given.
    pub time: Option<Duration>,
}

impl Limits {
    /// Any memory and any time.
    pub const NONE: Limits = Limits {
        memory: usize::MAX,
        time: None,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory: 256 << 20,
            time: Some(Duration::from_secs(30)),
        }
    }
}

/// How many units of cost are spent between two looks at the clock: some tens of microseconds.
pub(crate) const INTERVAL: u64 = 10_000;

/// Memory that is kept for the next evaluation.
const KEPT: usize = 1 << 20;

/// Memory for what evaluations make, freed as a whole.
#[derive(Debug)]
pub struct Arena {
    pub(crate) bump: Bump,
    /// Bytes that were asked for. Those of the allocator would depend on what it held before.
    used: Cell<usize>,
    limits: Limits,
    /// Units of cost before the clock is looked at.
    left: Cell<u64>,
    /// When time is over. It begins with the first look at the clock: most evaluations need none.
    deadline: Cell<Option<Instant>>,
}

/// An arena with the usual limits.
impl Default for Arena {
    fn default() -> Arena {
        Arena::new(Limits::default())
    }
}

impl Arena {
    /// An arena with these limits.
    pub fn new(limits: Limits) -> Arena {
        Arena {
            bump: Bump::new(),
            used: Cell::new(0),
            limits,
            left: Cell::new(INTERVAL),
            deadline: Cell::new(None),
        }
    }

    /// Frees all values. Time goes on.
    pub fn reset(&mut self) {
        if self.used.replace(0) > KEPT {
            self.bump = Bump::new();
        } else {
            self.bump.reset();
        }
    }

    /// Begins to count time anew.
    pub fn start(&self) {
        self.left.set(INTERVAL);
        self.deadline.set(None);
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether time is over. The clock is looked at where enough was spent since the last look.
    pub fn is_overdue(&self) -> bool {
        if self.left.get() > 0 {
            return false;
        }
        let is_over = self.is_time_over();
        if !is_over {
            self.left.set(INTERVAL);
        }
        is_over
    }

    /// Looks at the clock.
    #[cold]
    pub(crate) fn is_time_over(&self) -> bool {
        let Some(limit) = self.limits.time else {
            return false;
        };
        let now = Instant::now();
        if let Some(deadline) = self.deadline.get() {
            return now > deadline;
        }
        self.deadline.set(now.checked_add(limit));
        false
    }

    /// Units of cost before the clock is to be looked at.
    #[inline]
    pub(crate) fn left(&self) -> u64 {
        self.left.get()
    }

    /// Notes how many those are.
    #[inline]
    pub(crate) fn set_left(&self, left: u64) {
        self.left.set(left);
    }

    /// How many bytes were asked for.
    #[inline]
    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    /// Counts bytes; whether they may be had.
    #[inline]
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let used = self.used.get().saturating_add(bytes);
        self.used.set(used);
        used <= self.limits.memory
    }

    /// Whether more was asked for than may be had.
    #[inline]
    pub(crate) fn is_exhausted(&self) -> bool {
        self.used.get() > self.limits.memory
    }

    /// Whether so many bytes could be had.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.used.get().saturating_add(bytes) <= self.limits.memory
    }
}
