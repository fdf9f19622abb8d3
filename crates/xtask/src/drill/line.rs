//! A line between two processes that can be cut, and be slow: what is sent is passed on, held, or passed on late.

#![expect(clippy::disallowed_types, reason = "stands in for a network, not for a server of ours")]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU16, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Result;

use super::pause;

/// What happens to what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// It arrives.
    Whole,
    /// It is held until the line is whole again, as TCP does when packets are lost; nobody is told.
    Cut,
    /// It arrives a second later.
    Slow,
}

const LATE: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const CHUNK: usize = 16 * 1024;

/// A line to a port. Its threads end with the process.
pub(super) struct Wire {
    pub(super) port: u16,
    target: Arc<AtomicU16>,
    state: Arc<AtomicU8>,
}

impl Wire {
    pub(super) fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let target = Arc::new(AtomicU16::new(port));
        let wire = Self { port: listener.local_addr()?.port(), target, state: Arc::default() };
        let (target, state) = (Arc::clone(&wire.target), Arc::clone(&wire.state));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // A connection to nobody is closed at once.
                let port = target.load(Ordering::Relaxed);
                if let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                    connect(&near, &far, &state);
                }
            }
        });
        Ok(wire)
    }

    pub(super) fn set(&self, line: Line) {
        self.state.store(line as u8, Ordering::Relaxed);
    }

    /// Who connects from now on reaches another port, as when a name gets another address.
    pub(super) fn point_to(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }
}

fn connect(near: &TcpStream, far: &TcpStream, state: &Arc<AtomicU8>) {
    for (from, to) in [(near, far), (far, near)] {
        if let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) {
            let state = Arc::clone(state);
            thread::spawn(move || carry(from, to, &state));
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(length) = from.read(&mut chunk)
        && length > 0
    {
        while state.load(Ordering::Relaxed) == Line::Cut as u8 {
            pause(LOOK_AGAIN);
        }
        if state.load(Ordering::Relaxed) == Line::Slow as u8 {
            pause(LATE);
        }
        if to.write_all(&chunk[..length]).is_err() {
            break;
        }
    }
    // Either end that is gone is gone for the other.
    let both = [from.shutdown(std::net::Shutdown::Both), to.shutdown(std::net::Shutdown::Both)];
    drop(both);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_points_elsewhere_leaves_those_who_talk_already() {
        let servers = [0, 0].map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
        let ports = servers.each_ref().map(|server| server.local_addr().unwrap().port());
        let wire = Wire::to(ports[0]).unwrap();
        let meet = |server: &TcpListener| {
            let near = TcpStream::connect((Ipv4Addr::LOCALHOST, wire.port)).unwrap();
            (near, server.accept().unwrap().0)
        };
        let (mut earlier, mut first) = meet(&servers[0]);
        wire.point_to(ports[1]);
        let (mut later, mut second) = meet(&servers[1]);
        earlier.write_all(b"one").unwrap();
        later.write_all(b"two").unwrap();
        let mut heard = [0; 3];
        first.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"one");
        second.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"two");
    }

    #[test]
    fn what_is_sent_over_a_cut_line_arrives_when_it_is_whole_again() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wire = Wire::to(server.local_addr().unwrap().port()).unwrap();
        let mut near = TcpStream::connect((Ipv4Addr::LOCALHOST, wire.port)).unwrap();
        let (mut far, _) = server.accept().unwrap();
        wire.set(Line::Cut);
        near.write_all(b"hello").unwrap();
        far.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut heard = [0; 5];
        assert!(far.read(&mut heard).is_err(), "nothing comes over a cut line");
        far.set_read_timeout(None).unwrap();
        wire.set(Line::Whole);
        far.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"hello");
    }
}
