import Inference
import Sessions

extension AppState {
  /// Where the value of an option comes from.
  func origin(of option: SamplingOption) -> String {
    if session.sampling.options.contains(where: { $0.key == option.key }) { return "chosen" }
    let isRemembered = ["think", "think_budget"].contains(option.key) && option.text(in: sampling) != "none"
    if isRemembered { return "remembered for this model" }
    guard let model, option.text(in: model.sampling) != option.text(in: .standard) else {
      return "the default"
    }
    var small = SamplingOptions.small
    small.loopGuard = SamplingOptions.standard.loopGuard
    return model.sampling == small ? "for small models" : "the model's"
  }

  /// Shows all options of sampling, with where their values come from.
  mutating func showSampling() {
    let variables = session.sampling.options.filter { $0.key.hasPrefix(SamplingOption.variablePrefix) }
    let options = SamplingOption.all + variables
    let names = options.map(\.key.cellWidth).max() ?? 0
    let values = options.map { $0.text(in: sampling).cellWidth }.filter { $0 <= 16 }.max() ?? 0
    let lines = options.map { option -> Line in
      let origin = origin(of: option)
      let value = option.text(in: sampling).padding(toWidth: values)
      return [
        Span(option.key.padding(toWidth: names + 2), .key),
        Span(value, origin == "the default" ? .text : .strong),
        Span("  " + origin, .faint),
      ]
    }
    show(TextPage(title: "Sampling · /set OPTION VALUE changes one", lines: lines))
  }

  /// Shows a text that is longer than a line.
  mutating func show(_ page: TextPage) { overlay = .text(page) }
}
