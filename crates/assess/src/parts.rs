//! Work on many things, in parts, on as many threads as there are processors.
//!
//! What comes of a part depends on nothing but the part, and parts are put together in their order, so the number of
//! threads changes nothing.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Works on parts of so many items. Each thread makes a worker for itself.
pub(crate) fn in_parts<T: Sync, W, R: Send>(
    items: &[T],
    size: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &[T]) -> R + Sync,
) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    on_threads(threads, items, size, worker, work)
}

fn on_threads<T: Sync, W, R: Send>(
    threads: usize,
    items: &[T],
    size: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &[T]) -> R + Sync,
) -> Vec<R> {
    let parts: Vec<&[T]> = items.chunks(size).collect();
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
    let mut done: Vec<(usize, R)> = if threads == 1 || parts.len() < 2 {
        run()
    } else {
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads.min(parts.len()))
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
    use super::*;

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let items: Vec<u32> = (0..10_000).collect();
        let sums = |threads| {
            on_threads(
                threads,
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
        for threads in [2, 3, 8, 64] {
            assert_eq!(sums(threads), alone, "{threads} threads");
        }
        assert!(on_threads(8, &[0_u8; 0], 7, || (), |(), part| part.len()).is_empty());
    }
}
