import Foundation
import GGUF
import Tokenization

/// The model that set-up fetches.
enum RealModel {
  static let path: String = {
    let environment = ProcessInfo.processInfo.environment
    let data = environment["XDG_DATA_HOME"] ?? environment["HOME", default: ""] + "/.local/share"
    return (environment["PARE_MODELS"] ?? data + "/pare/models") + "/SmolLM2-135M-Instruct.Q4_1.gguf"
  }()

  static let metadata = Result { try GGUFFile(path: path).metadata }
  static let tokenizer = Result { try Tokenizer(metadata: try metadata.get()) }
}
