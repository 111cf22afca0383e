import Engine
import Foundation
import Inference
import Sessions

/// Looks into model files for the picker, on a thread of its own: a large vocabulary takes a second to read.
enum ModelInspection {
  /// Posts the models as far as the catalogue and the folder tell of them at once, and then each that is there
  /// with what its file says.
  ///
  /// - Parameter others: Files to list besides, such as the one that is open.
  static func begin(_ store: ModelStore, _ loading: LoadOptions, others: [String], _ news: BackgroundNews) {
    let thread = Thread {
      var cards = store.models().map { model in
        ModelCard(
          name: model.name, path: model.isPresent ? model.url.path : nil, bytes: model.bytes,
          about: model.entry?.description ?? "")
      }
      for path in others where !cards.contains(where: { $0.path == path }) {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        cards.append(
          ModelCard(
            name: URL(filePath: path).deletingPathExtension().lastPathComponent, path: path,
            bytes: size ?? nil))
      }
      news.post(.models(cards, isLooking: true))
      for place in cards.indices where cards[place].path != nil {
        look(into: &cards[place], loading)
        news.post(.models(cards, isLooking: true))
      }
      news.post(.models(cards, isLooking: false))
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private static func look(into card: inout ModelCard, _ loading: LoadOptions) {
    guard let path = card.path else { return }
    do {
      let model = try Model(path: path, template: loading.template)
      let conditions = RunConditions(
        threads: loading.threads ?? ComputePool.processors, recordsSimilarity: true, keepsStream: true)
      let positions = loading.context ?? model.standardContext(.baseline, conditions)
      let need = model.memoryNeed(.baseline, positions: positions, conditions)
      card.need = need
      card.fit =
        need.total > MemoryLimit.machine.bytes
        ? .tooLarge : MemoryLimit.available.map { need.total > $0 } == true ? .tight : .fits
      card.kind = [.guessedPlain, .guessedChatML].contains(model.chatFormat.source) ? .base : .chat
      card.about =
        "\(Figures.count(model.parameterCount)) parameters · \(model.shape.layers) layers · \(model.fileType)"
        + (card.about.isEmpty ? "" : " · \(card.about)")
    } catch {
      card.problem = "\(error)"
    }
  }
}
