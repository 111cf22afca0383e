import Foundation
import Inference

/// The model that the set-up fetches.
package enum DefaultModel {
  package static let path: String = {
    let environment = ProcessInfo.processInfo.environment
    let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
    let folder = environment["PARE_MODELS"] ?? data + "/pare/models"
    return folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
  }()

  package static let model: Model = try! Model(path: path)
}
