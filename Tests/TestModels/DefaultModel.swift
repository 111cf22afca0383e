import Inference
import ModelFiles

/// The model that the set-up fetches.
package enum DefaultModel {
  package static let path = ModelFiles.smolLM

  package static let model: Model = try! Model(path: path)
}
