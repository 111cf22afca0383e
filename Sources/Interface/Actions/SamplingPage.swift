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
    var options = (SamplingOption.all + variables).map {
      (key: $0.key, value: $0.text(in: sampling), origin: origin(of: $0))
    }
    options.append((Self.contextPolicyKey, contextPolicy.rawValue, contextPolicyOrigin))
    let names = options.map(\.key.cellWidth).max() ?? 0
    let values = options.map(\.value.cellWidth).filter { $0 <= 16 }.max() ?? 0
    let lines = options.map { key, value, origin -> Line in
      [
        Span(key.padding(toWidth: names + 2), .key),
        Span(value.padding(toWidth: values), origin == "the default" ? .text : .strong),
        Span("  " + origin, .faint),
      ]
    }
    show(TextPage(title: "Sampling · /set OPTION VALUE changes one", lines: lines))
  }

  /// Shows a text that is longer than a line.
  mutating func show(_ page: TextPage) { overlay = .text(page) }
}
