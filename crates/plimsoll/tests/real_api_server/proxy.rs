//! A way to the API server that ends after so many bytes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Passes bytes on, in both directions and without a look at them.
pub(crate) struct Proxy {
    port: u16,
}

impl Proxy {
    /// Begins. After so many bytes from the server every connection ends, and every later one at once.
    pub(crate) fn start(url: &str, bytes: usize) -> Proxy {
        let address = url.trim_start_matches("https://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let left = Arc::new(AtomicUsize::new(bytes));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if left.load(Ordering::SeqCst) == 0 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&address) else {
                    return;
                };
                let (from, to) = (stream.try_clone(), server.try_clone());
                let (Ok(mut from), Ok(mut to)) = (from, to) else {
                    return;
                };
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                let left = Arc::clone(&left);
                thread::spawn(move || pass(server, stream, &left));
            }
        });
        Proxy { port }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicUsize) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count) = from.read(&mut buffer) {
        let before = left.load(Ordering::SeqCst);
        let allowed = count.min(before);
        left.store(before - allowed, Ordering::SeqCst);
        if count == 0 || allowed < count || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // Whoever waits at the other end is told; that it is gone already is as good.
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
