import Analysis
import ArgumentParser
import Foundation
import IO
import Inference
import Interface

struct HeatmapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heatmap",
    abstract: "Write what goes on inside the model over a text: a figure in SVG, or the data in CSV.",
    discussion: """
      Views: \(HeatmapFile.viewNames.joined(separator: ", ")). The views “damage” and “heads-damage” are measured \
      as pare rank --measure does, over 256 tokens unless -n says more, and kept for the next time.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var writing: OutputOptions

  @Option(help: "What to show.")
  var view = "attn"

  @Option(help: ArgumentHelp("The layer of the view “head”.", valueName: "l"))
  var layer = 0

  @Option(help: ArgumentHelp("The head of the view “head”.", valueName: "h"))
  var head = 0

  @Option(name: [.short, .long], help: "The text.")
  var prompt: String?

  @Option(name: [.short, .long], help: "A file with the text (default: stdin; for “damage” a built-in one).")
  var file: String?

  @Option(name: [.customShort("n"), .long], help: "Use the first N tokens only.")
  var tokens: Int?

  @Flag(help: "Begin the text with the model's BOS token.")
  var bos = false

  @Option(help: ArgumentHelp("Write these tokens only, such as 20-60.", valueName: "a-b"))
  var range: String?

  @Option(help: "Shades: \(ScaleKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var scale = ScaleKind.natural

  @Option(name: [.short, .long], help: "FILE.svg or FILE.csv (default: CSV on stdout).")
  var output: String?

  @Flag(
    help:
      "Print one JSON object: the values, for the lens the five likeliest tokens too, for a head what it writes."
  )
  var json = false

  func validate() throws {
    if json, output != nil { throw ValidationError("--json: is printed; leave -o out, or write FILE.csv") }
    if layer < 0 { throw ValidationError("--layer \(layer): layers count from 0") }
    if head < 0 { throw ValidationError("--head \(head): heads count from 0") }
    if let tokens, tokens < 1 { throw ValidationError("-n \(tokens): use 1 or more") }
    if let output, HeatmapFormat(path: output) == nil {
      throw ValidationError("-o \(output): end the name in .svg or .csv")
    }
    if range != nil, positions == nil { throw ValidationError("--range: write two positions, such as 20-60") }
    if !HeatmapFile.viewNames.contains(view) {
      throw ValidationError("--view: \(HeatmapFile.Failure.noView(view))")
    }
  }

  private var positions: Range<Int>? {
    guard let bounds = range?.split(separator: "-").map({ Int($0) }), bounds.count == 2,
      let first = bounds[0], let last = bounds[1], first >= 0, first <= last, last < 1 << 24
    else { return nil }
    return first..<last + 1
  }

  private func checkHead(of context: InferenceContext) throws {
    guard view == "head" else { return }
    let layers = context.model.shape.layerShapes
    guard layer < layers.count else {
      throw ValidationError("--layer \(layer): the model has layers 0 to \(layers.count - 1)")
    }
    let heads = layers[layer].queryHeads
    guard heads > 0 else { throw ValidationError("--layer \(layer): has no attention") }
    guard head < heads else {
      throw ValidationError("--head \(head): the layer has heads 0 to \(heads - 1)")
    }
  }

  func run() throws {
    let output = try output.map { try writing.file($0, inputs: try model.files() + [file, plan.path]) }
    if json { return try printJSON(values()) }
    let text = try HeatmapFile.damageViews[view].map { try damage(of: $0) } ?? seen()
    guard let output else { return try TextOutput.standard.text(text) }
    try output.write(text.utf8)
    try output.finish()
  }

  private var heatmap: HeatmapFile {
    var heatmap = HeatmapFile(view: view, format: output.flatMap { HeatmapFormat(path: $0) } ?? .csv)
    heatmap.layer = layer
    heatmap.head = head
    heatmap.scale = scale
    heatmap.tokens = positions
    return heatmap
  }

  /// The heatmap of a view that is computed as the model reads the text.
  private func seen() throws -> String {
    let (context, heatmap) = try read()
    return try heatmap.text(
      of: context, caption: caption(context, tokens: context.tokens.count), progress: progress("computing"))
  }

  /// The values of a view.
  private func values() throws -> HeatmapJSON {
    if let units = HeatmapFile.damageViews[view] {
      let (context, heatmap) = try measured(units)
      return try heatmap.json(of: context)
    }
    let (context, heatmap) = try read()
    return try heatmap.json(of: context, progress: progress("computing"))
  }

  /// A context that has read the text, and what the view needs besides.
  private func read() throws -> (InferenceContext, HeatmapFile) {
    let data = try prompt.map { Data($0.utf8) } ?? input(file)
    let context = try model.open(plan, recordsSimilarity: true, keepsStream: true)
    try checkHead(of: context)
    let ids = try context.model.textTokens(data, bos: bos, limit: tokens, from: prompt == nil ? file : nil)
    if let positions, positions.upperBound > ids.count {
      throw ValidationError("--range: the text has \(ids.count) tokens, 0 to \(ids.count - 1)")
    }
    try context.read(ids, progress: progress("reading"))
    var heatmap = heatmap
    if view == HeatmapFile.salienceView {
      let (report, isPart) = try context.run(
        SalienceMeasurement(ids), "leaving words out", reporting: SalienceReport.self)
      if isPart { throw CancellationError() }
      heatmap.salience = report
    }
    return (context, heatmap)
  }

  /// The heatmap of the damage of dropping each part.
  private func damage(of units: DamageMeasurement.Units) throws -> String {
    let (context, heatmap) = try measured(units)
    return try heatmap.text(of: context, caption: caption(context, tokens: heatmap.damage?.tokens ?? 0))
  }

  private func measured(_ units: DamageMeasurement.Units) throws -> (InferenceContext, HeatmapFile) {
    let data = try prompt.map { Data($0.utf8) } ?? file.map { try input($0) }
    let context = try model.open(plan)
    let (report, isPart) = try context.damage(
      of: units, over: data.map { .text([UInt8]($0)) } ?? .builtin,
      tokens: tokens ?? DamageMeasurement.defaultTokens)
    if isPart { throw CancellationError() }
    var heatmap = heatmap
    heatmap.damage = report
    return (context, heatmap)
  }

  private func caption(_ context: InferenceContext, tokens: Int) -> String {
    let summary = context.summary
    return "\(summary.name) · \(summary.fileType) · plan \(context.plan) · \(tokens) tokens"
  }
}

extension ScaleKind: ExpressibleByArgument {}
