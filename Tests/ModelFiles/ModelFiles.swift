import Foundation

/// The models that the set-up fetches, for tests that read them.
package enum ModelFiles {
  private static let environment = ProcessInfo.processInfo.environment

  /// Whether tests may need models. `PARE_MODELS=none`, which `make test-unit` sets, leaves those tests out.
  package static let areThere = environment["PARE_MODELS"] != "none"

  /// `$PARE_MODELS`, or where the program itself keeps models.
  package static let folder: String = {
    let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
    return environment["PARE_MODELS"] ?? data + "/pare/models"
  }()

  /// The default model, a Llama.
  package static let smolLM = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
}
