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
    let parts: Vec<&[T]> = items.chunks(size).collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
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
