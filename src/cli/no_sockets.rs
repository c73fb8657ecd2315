//! A process that holds keys gives up sockets for good (Linux; elsewhere it just never opens one).

/// From here on this process gets `EPERM` for every call that makes or uses a socket, looks into another process, or
/// starts a ring that could do so. A second wall: the code behind it opens none. A kernel that cannot
/// do it only loses that wall.
pub fn forbid() {
    // Memory with keys is neither dumped nor open to debuggers of the same user.
    super::no_dump::forbid();
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
    ))]
    if let Err(e) = filter::install() {
        tracing::debug!("no filter of system calls: {e}");
    }
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
mod filter {
    use rustix::io::Errno;
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

    /// By number, the same for the call on every architecture that has it.
    fn calls() -> Vec<i64> {
        vec![
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_listen,
            libc::SYS_accept,
            libc::SYS_accept4,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_sendmmsg,
            libc::SYS_io_uring_setup,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_execve,
            libc::SYS_execveat,
        ]
    }

    pub fn install() -> Result<(), Box<dyn std::error::Error>> {
        let rules = calls().into_iter().map(|call| (call, Vec::new())).collect();
        let refuse = SeccompAction::Errno(Errno::PERM.raw_os_error() as u32);
        let arch = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?;
        Ok(apply_filter(&BpfProgram::try_from(filter)?)?)
    }
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests {
    use std::io::ErrorKind::PermissionDenied;

    /// The filter binds the thread that asks for it, and what it starts.
    #[test]
    fn sockets_and_programs_are_refused_for_good() {
        let tried = std::thread::spawn(|| {
            std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            super::filter::install().unwrap();
            [
                std::net::TcpListener::bind("127.0.0.1:0").map(drop),
                std::net::UdpSocket::bind("127.0.0.1:0").map(drop),
                std::os::unix::net::UnixStream::pair().map(drop),
                std::process::Command::new("true").status().map(drop),
            ]
            .map(|result| result.map_err(|error| error.kind()))
        });
        assert_eq!(tried.join().unwrap(), [Err(PermissionDenied); 4]);
        std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    }
}
