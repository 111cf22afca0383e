import Glibc

/// The three descriptors that every program starts with.
public enum StandardStreams {
  /// Call at the start, before a file is opened.
  ///
  /// A descriptor that the caller closed would go to the next file that is opened, a session or a model, and
  /// what is said to people would be written into it. Here it leads to a place where reading or writing fails.
  public static func secure() {
    for (descriptor, wrongWay) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", wrongWay)  // the lowest number that is free: this one
    }
    // A file that grows beyond a limit is an error of its write, with a sentence, and no sudden end.
    signal(SIGXFSZ, SIG_IGN)
  }
}
