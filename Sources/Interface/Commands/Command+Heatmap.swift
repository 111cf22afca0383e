import IO
import Inference

extension Command {
  static let heatmapCommands: [Command] = [
    Command(
      "heat", "VIEW|head LAYER HEAD|scale|only LAYERS|save FILE",
      "what the heatmap shows: /heat lens, /heat head 5 3, /heat only 0-7", onScreenOnly: true,
      candidates: { _, words in
        switch words {
        case []:
          HeatmapViews.all.map { Candidate($0.name, $0.title) } + [
            Candidate("scale", "as suits, in proportion, or stretched over the values"),
            Candidate("only", "some of the layers"), Candidate("save", "to FILE.svg or FILE.csv"),
          ]
        case ["only"]:
          [Candidate("all", "every layer"), Candidate("running", "those of which something runs")]
        default: []
        }
      }
    ) { state, arguments throws(CommandError) in
      let words = arguments.words
      if words == ["scale"] {
        state.heatmap.scale = state.heatmap.scale.next
      } else if words.first == "only" {
        state.heatmap.filter = try state.layerFilter(words.dropFirst())
      } else if words.first == "save" {
        return try state.saveHeatmap(words.dropFirst())
      } else if words.first == "head", words.count == 3 {
        try state.showHead(words[1], words[2])
      } else if words.count == 1, let place = HeatmapViews.place(of: words[0]) {
        state.showHeatmap(place)
      } else {
        throw CommandError(
          "write one of \(HeatmapViews.all.map(\.name).joined(separator: ", ")), scale, or only and layers; save writes a file"
        )
      }
      state.side = .heatmap
      return []
    }
  ]
}

extension AppState {
  /// `FILE.svg`, and perhaps the tokens that are to be in it.
  fileprivate mutating func saveHeatmap(_ words: ArraySlice<String>) throws(CommandError) -> [Effect] {
    let usage =
      "write /heat save FILE.svg or FILE.csv, and perhaps the first and last token: /heat save a.svg 20-60"
    guard (1...2).contains(words.count), let path = words.first, let format = HeatmapFormat(path: path) else {
      throw CommandError(usage)
    }
    guard let map = heatmap.view.map(findings), !map.isEmpty else {
      throw CommandError(
        "there is nothing to save yet: \(heatmap.view.title) is measured as the model answers")
    }
    var tokens: Range<Int>?
    if words.count == 2, let range = words.last {
      let bounds = range.split(separator: "-", maxSplits: 1).map { Int($0) }
      guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, first <= last,
        last < max(map.columns.count, map.rows.count)
      else { throw CommandError("“\(range)” is no range of tokens: \(usage)") }
      tokens = first..<last + 1
    }
    var caption = caption, remark = ""
    if map.fraction < 1 {
      let share = "\(Int(nearest: (map.fraction * 100).rounded(.down))) % computed"
      guard map.isKnown(tokens) else {
        throw CommandError("there is nothing to save yet: \(heatmap.view.title) is \(share)")
      }
      caption += " · \(share)"
      remark = "\(share), the rest is empty"
    }
    let text = format.text(
      of: map, kind: heatmap.scale, caption: caption, focus: cursor(on: map.columns), tokens: tokens)
    return [.save(text, path: path, remark: remark)]
  }

  /// Model and plan of a figure.
  private var caption: String {
    [model?.name, model?.fileType, "plan \(planLabel)"].compactMap { $0?.sanitized }.joined(
      separator: " · ")
  }

  fileprivate mutating func showHead(_ layer: String, _ head: String) throws(CommandError) {
    guard let number = Int(head), number >= 0, let layer = Int(layer), (0..<layerCount).contains(layer) else {
      throw CommandError("write a layer, 0…\(layerCount - 1), and a head: /heat head 5 3")
    }
    moveLayer(to: layer)
    heatmap[cursor: .head] = number
    showHeatmap(HeatmapViews.place(of: "head") ?? heatmap.place)
  }

  fileprivate func layerFilter(_ words: ArraySlice<String>) throws(CommandError) -> LayerFilter {
    switch Array(words) {
    case ["all"]: return .all
    case ["running"]: return .running
    default:
      let layers = try Command.layerList(words.joined(separator: ","), count: layerCount)
      guard !layers.isEmpty else { throw CommandError("which layers? write /heat only 0-7, running or all") }
      return .some(layers)
    }
  }
}
