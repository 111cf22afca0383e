import Glibc

/// A file to write, whole or not at all; the one way in which the program writes files.
///
///     let file = try OutputFile("lean.gguf", replaces: false, inputs: ["model.gguf"])
///     try file.write(bytes)
///     try file.finish()
///
/// What it does depends on what the name leads to:
/// - Nothing, or a file: the bytes go to a temporary file in the same folder, which takes the name at the
///   end. A replaced file keeps its mode. Links are followed: the file that they lead to is replaced.
/// - A device or a pipe: the bytes go to it as they come.
public final class OutputFile {
  /// The name as it was asked for.
  public let path: String
  /// Bytes written.
  public private(set) var count = 0

  private var descriptor: Int32 = -1
  /// The name that the bytes get at the end; nil for a device or a pipe.
  private var target: String?
  private let replaces: Bool
  /// The name of the temporary file; nil where it has none, so that not even a killed program leaves it.
  private var temporary: String?

  /// Opens the file.
  ///
  /// - Parameters:
  ///   - replaces: Whether a file that is there may be replaced; an empty one always is.
  ///   - inputs: Files that the work reads. None of them is written to, under whatever name; nor is the file
  ///     on stdin.
  ///   - mode: The mode of a new file, before the umask.
  ///   - waits: Whether to wait until somebody reads, where it is a pipe; else that is an error.
  /// - Throws: ``OutputError``, with everything as it was.
  public convenience init(
    _ path: String, replaces: Bool, inputs: [String] = [], mode: mode_t = 0o666, waits: Bool = true
  ) throws(OutputError) {
    try self.init(
      path, replaces: replaces, inputs: inputs, mode: mode, waits: waits, hasNamelessFiles: true)
  }

  /// - Parameter hasNamelessFiles: Whether to try files without a name, which some file systems lack.
  init(
    _ path: String, replaces: Bool, inputs: [String] = [], mode: mode_t = 0o666, waits: Bool = true,
    hasNamelessFiles: Bool
  ) throws(OutputError) {
    self.path = path
    self.replaces = replaces
    let target = try Self.followed(path)
    var status = stat()
    guard stat(target, &status) == 0 else {
      guard errno == ENOENT else { throw .system(path, .place, errno) }
      self.target = target
      try create(beside: target, mode: mode, hasNamelessFiles)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw OutputError(path, .place, "is a folder: name a file in it")
    default:
      descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | (waits ? 0 : O_NONBLOCK))
      guard descriptor >= 0 else { throw .system(path, .place, errno) }
      return
    }
    guard !Self.isInput(status, inputs) else {
      throw OutputError(path, .input, "is read for this: choose another name")
    }
    guard replaces || status.st_size == 0 else {
      throw OutputError(path, .taken, "is there already: choose another name")
    }
    // A rename does not ask whether the file itself may be written.
    guard access(target, W_OK) == 0 else { throw .system(path, .place, errno) }
    self.target = target
    try create(beside: target, mode: mode, hasNamelessFiles)
    fchmod(descriptor, status.st_mode & 0o7777)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let temporary { unlink(temporary) }
  }

  /// Writes the next bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    let code = Descriptor.write(bytes, to: descriptor)
    guard code == 0 else {
      throw OutputError(
        path, .failed, "it cannot be written after \(count) bytes: \(systemMessage(code))")
    }
    count += bytes.count
  }

  /// Writes the next bytes.
  public func write(_ bytes: some Sequence<UInt8>) throws(OutputError) {
    let code: Result<Void, OutputError> = Array(bytes).withUnsafeBytes { buffer in
      do throws(OutputError) { return .success(try write(buffer)) } catch { return .failure(error) }
    }
    try code.get()
  }

  /// Gives the bytes their name. Without this call nothing stays.
  public func finish() throws(OutputError) {
    if let target {
      // Synced first, or a power cut could leave the name on an empty file.
      guard fsync(descriptor) == 0, place(at: target) else { throw failure() }
    }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw failure() }
  }

  private func failure() -> OutputError {
    errno == EEXIST && !replaces
      ? OutputError(path, .taken, "is there already: choose another name") : .system(path, .failed, errno)
  }

  // MARK: - Names

  /// Whether `path` leads to where stdout goes, so that what is said to people must go elsewhere.
  public static func isStandardOutput(_ path: String) -> Bool {
    var own = stat(), other = stat()
    return stat(path, &own) == 0 && fstat(STDOUT_FILENO, &other) == 0 && isSame(own, other)
  }

  /// The file that the links at `path` lead to, also where it is not there yet.
  private static func followed(_ path: String) throws(OutputError) -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw OutputError(path, .place, "is no name of a file")
    }
    var target = path
    for _ in 0..<40 {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(target, &buffer, buffer.count)
      guard count >= 0 else { return target }
      let link = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // The links of /proc to open files are no paths; the system itself follows them.
      var status = stat()
      if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return target }
      target = link.hasPrefix("/") ? link : folder(of: target) + link
    }
    throw .system(path, .place, ELOOP)
  }

  /// With a slash at its end; empty for a bare name.
  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  private static func isInput(_ status: stat, _ inputs: [String]) -> Bool {
    var other = stat()
    if fstat(STDIN_FILENO, &other) == 0, isSame(other, status) { return true }
    return inputs.contains { stat($0, &other) == 0 && isSame(other, status) }
  }

  private static func isSame(_ first: stat, _ second: stat) -> Bool {
    first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  // MARK: - The temporary file

  private func create(beside target: String, mode: mode_t, _ hasNamelessFiles: Bool) throws(OutputError) {
    let folder = Self.folder(of: target)
    if hasNamelessFiles {
      let temporaryFile: Int32 = 0o20_000_000 | O_DIRECTORY  // O_TMPFILE, a macro that Swift does not see
      descriptor = open(folder.isEmpty ? "." : folder, temporaryFile | O_WRONLY | O_CLOEXEC, mode)
      if descriptor >= 0, access(Self.link(to: descriptor), F_OK) == 0 { return }
      if descriptor >= 0 { close(descriptor) }
    }
    let name = Self.temporaryName(target)
    descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .system(path, .place, errno) }
    temporary = name
  }

  private static func temporaryName(_ target: String) -> String {
    "\(target).\(String(UInt32.random(in: .min ... .max), radix: 36)).part"
  }

  /// The name under which an open file without one can be found.
  private static func link(to descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  /// Puts the temporary file at `target`. False with `errno` when that fails.
  private func place(at target: String) -> Bool {
    if temporary == nil {
      let own = Self.link(to: descriptor)
      if linkat(AT_FDCWD, own, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 { return true }
      var status = stat()
      guard errno == EEXIST, replaces || stat(target, &status) == 0 && status.st_size == 0 else {
        return false
      }
      let name = Self.temporaryName(target)
      guard linkat(AT_FDCWD, own, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else { return false }
      temporary = name
    }
    guard let temporary else { return false }
    var status = stat()
    if !replaces, stat(target, &status) == 0, status.st_size > 0 {
      errno = EEXIST
      return false
    }
    guard rename(temporary, target) == 0 else { return false }
    self.temporary = nil
    return true
  }
}
