import Foundation

/// The model that the set-up fetches.
enum DefaultModel {
  static let path: String = {
    let environment = ProcessInfo.processInfo.environment
    let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
    let folder = environment["PARE_MODELS"] ?? data + "/pare/models"
    return folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
  }()
}
