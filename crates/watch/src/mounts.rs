//! Whether the events of a file system can be trusted. What another machine writes over the network, or the host of a
//! container, raises none here.

use std::path::Path;

/// Whether a folder is on a file system whose events cannot be trusted.
#[cfg(target_os = "linux")]
pub(crate) fn needs_polling(folder: &Path) -> bool {
    /// NFS, SMB (three numbers), CIFS, FUSE, 9p, overlay, Ceph, AFS, vboxsf, virtiofs (as FUSE): `linux/magic.h`.
    const SILENT: [u32; 10] = [
        0x6969,
        0x517B,
        0xFE53_4D42,
        0xFF53_4D42,
        0x6573_5546,
        0x0102_1997,
        0x794C_7630,
        0x00C3_6400,
        0x5346_414F,
        0x786F_4256,
    ];
    rustix::fs::statfs(folder).is_ok_and(|about| SILENT.contains(&(about.f_type as u32)))
}

/// Whether a folder is on a file system whose events cannot be trusted: not known here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn needs_polling(_folder: &Path) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_local_file_system_has_events() {
        assert!(!needs_polling(Path::new("/dev/shm")));
    }
}
