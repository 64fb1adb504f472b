//! Work on many things, in parts, on as many threads as it is given.
//!
//! What comes of a part depends on nothing but the part, and parts are put together in their order, so the number of
//! threads changes nothing.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many threads may work at the same time, the one that asks for the work among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads(NonZero<usize>);

impl Threads {
    /// No thread but the one that asks.
    pub const ONE: Threads = Threads(NonZero::<usize>::MIN);

    /// So many.
    pub const fn new(count: NonZero<usize>) -> Threads {
        Threads(count)
    }

    /// One for each processor that this process may use.
    pub fn available() -> Threads {
        thread::available_parallelism().map_or(Threads::ONE, Threads)
    }

    /// How many there are.
    pub const fn count(self) -> usize {
        self.0.get()
    }

    /// Does two things that do not build on each other.
    pub fn both<One: Send, Other>(
        self,
        one: impl FnOnce() -> One + Send,
        other: impl FnOnce() -> Other,
    ) -> (One, Other) {
        if self == Threads::ONE {
            return (one(), other());
        }
        thread::scope(|scope| {
            let one = scope.spawn(one);
            let other = other();
            match one.join() {
                Ok(one) => (one, other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }
}

/// Those of all processors.
impl Default for Threads {
    fn default() -> Threads {
        Threads::available()
    }
}

/// Works on parts of so many items, at least one. Each thread makes a worker for itself; what comes of the parts is in
/// their order.
pub fn in_parts<'i, T: Sync, W, R: Send>(
    threads: Threads,
    items: &'i [T],
    size: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &'i [T]) -> R + Sync,
) -> Vec<R> {
    let parts: Vec<&'i [T]> = items.chunks(size.max(1)).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut worker = worker();
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else {
                return done;
            };
            done.push((number, work(&mut worker, part)));
        }
    };
    let mut done: Vec<(usize, R)> = if threads == Threads::ONE || parts.len() < 2 {
        run()
    } else {
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads.count().min(parts.len()))
                .map(|_| scope.spawn(run))
                .collect();
            let mut done = run();
            for other in others {
                match other.join() {
                    Ok(part) => done.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        })
    };
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn threads(count: usize) -> Threads {
        Threads::new(NonZero::new(count).unwrap())
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let items: Vec<u32> = (0..10_000).collect();
        let sums = |count| {
            in_parts(
                threads(count),
                &items,
                7,
                || 0_u64,
                |so_far, part| {
                    // What a worker keeps is its own affair.
                    *so_far += 1;
                    part.iter().map(|item| u64::from(*item)).sum::<u64>()
                },
            )
        };
        let alone = sums(1);
        assert_eq!(alone.len(), 10_000_usize.div_ceil(7));
        for count in [2, 3, 8, 64] {
            assert_eq!(sums(count), alone, "{count} threads");
        }
        assert!(in_parts(threads(8), &[0_u8; 0], 7, || (), |(), part| part.len()).is_empty());
    }

    #[test]
    fn so_many_threads_work_as_were_asked_for() {
        for count in [1, 2, 5] {
            // Every thread waits for all others, which must be there.
            let barrier = Barrier::new(count);
            let items = vec![(); count];
            let workers = AtomicUsize::new(0);
            let worker = || workers.fetch_add(1, Ordering::Relaxed);
            let leaders = in_parts(threads(count), &items, 1, worker, |_, _| {
                barrier.wait().is_leader()
            });
            assert_eq!(leaders.iter().filter(|leader| **leader).count(), 1);
            assert_eq!(workers.into_inner(), count);
        }
    }

    #[test]
    fn both_are_done_on_one_thread_or_two() {
        let id = || thread::current().id();
        let (one, other) = Threads::ONE.both(id, id);
        assert_eq!((one, other), (id(), id()));
        let (one, other) = threads(2).both(id, id);
        assert_ne!(one, other);
        assert_eq!(other, id());
    }
}
