import Inference

/// The values of a map, to print as JSON; of the lens the candidates of each place too, and of a head what it
/// writes.
public struct HeatmapJSON: Encodable {
  private var view: String
  private var quantity: String
  private var unit: String?
  private var rows, columns: [String]
  /// [row][column]; null where nothing is known, or no number.
  private var values: [[Float?]]
  private var lens: [LensColumn]?
  private var writing: [Writing]?

  private struct LensColumn: Encodable {
    var position: Int
    var token: String
    /// The likeliest token at the end.
    var final: Int
    var places: [Place]
  }

  private struct Place: Encodable {
    var place: String
    var top: [Candidate]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var final_rank: Int
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var final_probability: Float
  }

  private struct Candidate: Encodable {
    var id: Int
    var text: String
    var probability: Float
  }

  private struct Writing: Encodable {
    var position: Int
    var promoted, suppressed: [Word]
  }

  private struct Word: Encodable {
    var id: Int
    var text: String
    var change: Float

    init(_ word: HeadWriting.Word) { (id, text, change) = (word.id, word.text, word.change) }
  }
}

extension HeatmapFile {
  /// The map of a text that a context has read, to print as JSON.
  ///
  /// - Parameter context: Records similarity and keeps the stream.
  /// - Throws: ``Failure``, `CancellationError`.
  public func json(
    of context: InferenceContext, progress: ProgressCheck = { _ in true }
  ) throws -> HeatmapJSON {
    let map = try map(of: context, progress: progress)
    var json = HeatmapJSON(map, view: view, tokens: tokens)
    if view.hasPrefix("lens") { try json.addCandidates(context, tokens, progress) }
    if view == "head" { json.addWriting(context, layer: layer, head: head, tokens) }
    return json
  }
}

extension HeatmapJSON {
  fileprivate init(_ map: Heatmap, view: String, tokens: Range<Int>?) {
    let rowIndices = map.rows.indices(tokens), columnIndices = map.columns.indices(tokens)
    self.view = view
    (quantity, unit) = (map.quantity.name, map.quantity.unit)
    rows = rowIndices.map(map.rows.label)
    columns = columnIndices.map(map.columns.label)
    values = rowIndices.map { row in
      columnIndices.map { column in
        let value = map.isMasked(row, column) ? Float.absent : map.value(row, column)
        return value.isFinite ? value : nil
      }
    }
  }

  fileprivate mutating func addCandidates(
    _ context: InferenceContext, _ tokens: Range<Int>?, _ progress: ProgressCheck
  ) throws {
    let report = try context.lensWithCandidates(progress: progress)
    guard case .lens(let lens) = report.content else { return }
    let names = HeatmapAxis.sublayerPlaces(lens.places / 2)
    self.lens = report.tokens.indices.filter { tokens?.contains($0) ?? true }.compactMap { position in
      guard let column = lens.columns[position], let candidates = lens.likeliest[position],
        let final = candidates.last?.first?.id
      else { return nil }
      return LensColumn(
        position: position, token: report.tokens[position], final: final,
        places: column.indices.map { place in
          Place(
            place: names.label(place),
            top: candidates[place].map { Candidate(id: $0.id, text: $0.text, probability: $0.probability) },
            final_rank: column[place].finalRank, final_probability: column[place].finalProbability)
        })
    }
  }

  fileprivate mutating func addWriting(
    _ context: InferenceContext, layer: Int, head: Int, _ tokens: Range<Int>?
  ) {
    writing = (tokens ?? 0..<context.tokens.count).compactMap { position in
      context.writing(ofHead: head, layer: layer, at: position).map {
        Writing(
          position: position, promoted: $0.promoted.map(Word.init), suppressed: $0.suppressed.map(Word.init))
      }
    }
  }
}
