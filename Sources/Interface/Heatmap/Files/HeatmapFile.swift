import Analysis
import Inference

/// A heatmap of a text that a context has read, for a file.
public struct HeatmapFile: Sendable {
  /// As `/heat` calls it.
  public var view: String
  public var format: HeatmapFormat
  /// For the view of one head.
  public var layer = 0
  public var head = 0
  public var scale = ScaleKind.natural
  /// The positions that are written; nil for all, or for those that fit a figure with words.
  public var tokens: Range<Int>?
  /// For the view of damage.
  public var damage: DamageReport?
  /// For the view of salience.
  public var salience: SalienceReport?

  /// A file of the view called `view`.
  public init(view: String, format: HeatmapFormat) {
    self.view = view
    self.format = format
  }

  /// The views that take ``damage``, and of what.
  public static let damageViews: [String: DamageMeasurement.Units] = [
    DamageView().name: .sublayersAndBlocks, HeadDamageView().name: .heads,
  ]
  /// The view that takes ``salience``.
  public static let salienceView = SalienceView().name
  /// The names of all views.
  public static var viewNames: [String] { HeatmapViews.all.map(\.name) }

  /// The reason why there is no map to write.
  public enum Failure: Error, CustomStringConvertible {
    case noView(String)
    case nothing(String)
    public var description: String {
      switch self {
      case .noView(let name):
        "there is no view “\(name)”: use one of \(HeatmapFile.viewNames.joined(separator: ", "))"
      case .nothing(let reason): reason
      }
    }
  }

  /// - Parameters:
  ///   - context: Records similarity and keeps the stream.
  ///   - caption: Model and plan of a figure.
  /// - Throws: ``Failure``, `CancellationError`.
  public func text(
    of context: InferenceContext, caption: String, progress: ProgressCheck = { _ in true }
  ) throws -> String {
    let map = try map(of: context, progress: progress)
    return format.text(
      of: map, kind: scale, caption: caption, focus: map.columns.count - 1, tokens: tokens)
  }

  /// The map itself.
  ///
  /// - Throws: ``Failure``, `CancellationError`.
  func map(of context: InferenceContext, progress: ProgressCheck) throws -> Heatmap {
    guard let place = HeatmapViews.place(of: view) else { throw Failure.noView(view) }
    var state = HeatmapState()
    state.place = place
    state[cursor: .head] = head
    var findings = Findings(
      layers: context.model.shape.layers, plan: context.plan, headCounts: context.model.headCounts)
    findings.similarity = context.similarity()
    if let damage { findings.reports.keep(damage) }
    if let salience { findings.reports.keep(salience) }
    if let report = findings.similarity { findings.redundancy.update(with: report) }
    findings.probe = try state.view.probe(state, layer: layer)
      .map { try context.report(of: $0, progress: progress) }
    guard let map = state.view.map(findings), !map.isEmpty else {
      throw Failure.nothing("nothing to show: \(state.view.absence(findings))")
    }
    return map
  }
}
