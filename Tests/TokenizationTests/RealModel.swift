import GGUF
import ModelFiles
import Tokenization

/// The model that set-up fetches.
enum RealModel {
  static let metadata = Result { try GGUFFile(path: ModelFiles.smolLM).metadata }
  static let tokenizer = Result { try Tokenizer(metadata: try metadata.get()) }
}
