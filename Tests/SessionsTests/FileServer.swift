import Foundation

/// A small HTTP server on loopback that misbehaves on demand, for tests of downloads.
///
/// Paths: `/MODE/FOLDER/NAME` serves a file of the folder. Modes: `good` (ranges, ETag), `plain` (neither),
/// `drop` (the connection breaks after 100,000 bytes, each time), `stall` (silent after 1,000 bytes), `hub`
/// (redirects to `good` and says length and SHA-256), `hub-cut` (redirects to `cut` and says the length),
/// `cut` (the first 200,000 bytes as if they were all), `open` (those, and no length), `away` (redirects to
/// another host by plain http), `shifted` (ranges that begin elsewhere), `shifted-drop` (and the connection
/// breaks each time), `vast` (a length of a petabyte and a byte), `changed` (another ETag each time), `503`,
/// `403`, `404`.
/// `/index/FOLDER/PACKAGE/` lists the folder's wheels of a package, as pip asks an index for them.
final class FileServer: Sendable {
  /// One for all tests: starting Python takes longer than most of them.
  static let shared = Result { try FileServer() }

  let port: Int
  private let process = Process()
  private let log: URL

  private let folder: TemporaryFolder

  private init() throws {
    folder = try TemporaryFolder()
    log = folder.url.appending(path: "requests.log")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-u", "-c", Self.program, folder.url.path, log.path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice  // an inherited one would keep the test runner waiting
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw CocoaError(.fileReadUnknown)
    }
    self.port = port
  }

  /// A new folder of the server's.
  func makeFolder() throws -> URL {
    let url = folder.url.appending(path: UUID().uuidString, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  /// An index of the wheels in `folder`, for pip.
  func index(of folder: URL) -> String { "http://127.0.0.1:\(port)/index/\(folder.lastPathComponent)/" }

  func url(_ mode: String, _ file: URL) -> URL {
    let folder = file.deletingLastPathComponent().lastPathComponent
    return URL(string: "http://127.0.0.1:\(port)/\(mode)/\(folder)/\(file.lastPathComponent)")!
  }

  /// Mode, `Range` and `If-Range` of each request for `file`, in order.
  func requests(for file: URL) -> [String] {
    let path = "/" + file.deletingLastPathComponent().lastPathComponent + "/" + file.lastPathComponent
    return ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n")
      .filter { $0.contains(path) }.map { String($0.replacing(path, with: "")) }
  }

  private static let program = #"""
    import hashlib, http.server, os, re, socket, sys, threading, time

    folder, log = sys.argv[1:]
    served = 0

    class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.1"

      def log_message(self, *arguments): pass

      def do_GET(self):
        global served
        served += 1
        with open(log, "a") as file:
          file.write(f"{self.path} {self.headers.get('Range', '-')} {self.headers.get('If-Range', '-')}\n")
        _, mode, name = self.path.split("/", 2)
        if mode.isdigit(): return self.answer(int(mode), {}, b"")
        if mode == "index":
          place, package = name.strip("/").split("/")
          wheels = [file for file in os.listdir(os.path.join(folder, place)) if file.startswith(package.replace("-", "_"))]
          links = "".join(f'<a href="/good/{place}/{file}">{file}</a>' for file in wheels)
          page = f"<!DOCTYPE html><html><body>{links}</body></html>"
          return self.answer(200 if wheels else 404, {"Content-Type": "text/html"}, page.encode())
        with open(os.path.join(folder, name), "rb") as file: data = file.read()
        if mode == "hub":
          digest = hashlib.sha256(data).hexdigest()
          linked = {"Location": "/good/" + name, "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))}
          return self.answer(302, linked, b"")
        if mode == "hub-cut":
          return self.answer(302, {"Location": "/cut/" + name, "X-Linked-Size": str(len(data))}, b"")
        if mode in ("cut", "open"): data = data[:200000]
        if mode == "away": return self.answer(302, {"Location": "http://example.invalid/" + name}, b"")
        headers = {}
        if mode != "plain":
          headers["ETag"] = f'"{served}"' if mode == "changed" else '"v1"'
        wanted = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        fits = self.headers.get("If-Range") in (None, headers.get("ETag"))
        start = 0
        status = 200
        if wanted and mode != "plain" and fits:
          start = int(wanted[1]) + (1 if mode.startswith("shifted") else 0)
          if start >= len(data):
            return self.answer(416, {"Content-Range": f"bytes */{len(data)}"}, b"")
          status = 206
          headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        body = data[start:]
        if mode.endswith("drop"): body = body[:100000]
        if mode == "stall": body = data[start:1000]
        self.send_response(status)
        headers["Content-Length"] = str(2**50 + 1 if mode == "vast" else len(data) - start)
        if mode == "open":
          del headers["Content-Length"]
          headers["Connection"] = "close"
        for key, value in headers.items(): self.send_header(key, value)
        self.end_headers()
        try:
          self.wfile.write(body)
          if mode == "stall": time.sleep(1000)
          if mode.endswith("drop"): self.connection.shutdown(socket.SHUT_RDWR)
        except OSError: pass
        if mode in ("drop", "shifted-drop", "stall", "open", "vast"): self.close_connection = True

      def answer(self, status, headers, body):
        self.send_response(status)
        for key, value in headers.items(): self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_with(parent):
      while os.getppid() == parent: time.sleep(0.3)
      os._exit(0)

    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port)
    server.serve_forever()
    """#
}
