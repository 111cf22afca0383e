extension Command {
  static let heatmapCommands: [Command] = [
    Command(
      "heat", "VIEW|scale|only LAYERS", "what the heatmap shows: /heat lens, /heat only 0-7",
      onScreenOnly: true,
      candidates: { _, words in
        switch words {
        case []:
          HeatmapViews.all.map { Candidate($0.name, $0.title) } + [
            Candidate("scale", "as suits, in proportion, or stretched over the values"),
            Candidate("only", "some of the layers"),
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
      } else if words.count == 1, let place = HeatmapViews.place(of: words[0]) {
        state.showHeatmap(place)
      } else {
        throw CommandError(
          "write one of \(HeatmapViews.all.map(\.name).joined(separator: ", ")), scale, or only and layers")
      }
      state.side = .heatmap
      return []
    }
  ]
}

extension AppState {
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
