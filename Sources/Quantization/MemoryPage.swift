import Glibc

/// The piece in which the system hands out memory, and takes it back: 4 KiB on x86, up to 64 KiB on ARM.
public enum MemoryPage {
  public static let size = Int(sysconf(Int32(_SC_PAGESIZE)))
}
