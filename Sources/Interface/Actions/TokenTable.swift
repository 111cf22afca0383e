import Analysis
import Foundation
import IO
import Inference
import Sessions
import Terminal

/// A token of an answer in words and figures: its candidates, and what each step of the sampler left of them.
struct TokenTable {
  private let cursor: TokenCursor
  private let answer: Answer
  private let state: AppState
  private let draw: TokenDraw?

  init?(_ cursor: TokenCursor, _ state: AppState) {
    guard let answer = state.session.conversation[cursor.node]?.answer,
      answer.records.indices.contains(cursor.token)
    else { return nil }
    (self.cursor, self.answer, self.state) = (cursor, answer, state)
    draw = state.draw(of: cursor.token, in: cursor.node)
  }

  /// `Token 12 of 87 “ sky”`.
  var title: String {
    let id = answer.tokenIDs[cursor.token]
    let name = id < 0 ? "the rest of a character" : name(id, width: 24)
    return "Token \(cursor.token) of \(answer.tokenIDs.count) · \(name)"
  }

  private func name(_ id: Int, width: Int) -> String { HeatmapAxis.quoted(state.tokenText(id), width: width) }

  /// Rank, entropy and probabilities of the token itself, in forms from the longest to the shortest.
  func figures(width: Int) -> Line {
    guard let draw else {
      return [Span("how it was drawn is not known", .faint)]
    }
    let before = Self.percent(exp(Double(draw.logProbability)))
    let after: Line =
      draw.isForced
      ? [Span(" · put there", .candidate)]
      : [Span(" → ", .faint), Span(Self.percent(Double(draw.probability)) + " %", .strong)]
    let rank: Line = [Span("rank ", .faint), Span(Figures.grouped(draw.rank), .strong)]
    let share: Line = [Span(" · p ", .faint), Span(before + " %", .strong)] + after
    let surprise: Line = [
      Span(" · surprise ", .faint), Span(Figures.fixed(Double(-draw.logProbability), 2)),
      Span(" · entropy ", .faint), Span(Figures.fixed(Double(draw.entropy), 2)), Span(" nats", .faint),
    ]
    let short: Line = [Span(" · H ", .faint), Span(Figures.fixed(Double(draw.entropy), 2))]
    return [rank + share + surprise, rank + share + short, rank + share].first { $0.width <= width }
      ?? rank
  }

  /// A probability in per cent, in at most five cells.
  static func percent(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let percent = 100 * value
    if percent >= 9.995 { return Figures.fixed(percent, 1) }
    return percent >= 0.00995 || percent == 0 ? Figures.fixed(percent, 2) : "<0.01"
  }

  // MARK: The table

  /// A column of figures.
  private struct Column {
    var heading: String
    var cells: [Span]
    var isEssential = false
  }

  /// Cells of a column.
  private static let columnWidth = 7

  /// A heading, and a row for each of at most `count` candidates, those around the chosen one; and one for the token
  /// itself where it is none of them.
  func rows(width: Int, count: Int) -> [Line] {
    guard let draw, !draw.candidates.isEmpty else { return [] }
    let columns = columns(draw, width: width)
    let names = max(6, width - 4 - columns.count * Self.columnWidth)
    var rows: [Line] = [
      [Span("    " + "token".padding(toWidth: names), .faint)]
        + columns.map { Span($0.heading.padded(to: Self.columnWidth), .faint) }
    ]
    let first = max(0, min(cursor.candidate - count / 2, draw.candidates.count - count))
    for index in draw.candidates.indices.dropFirst(first).prefix(count) {
      let isPicked = index == cursor.candidate, isDrawn = index == draw.rank - 1
      let key = index < 10 ? "\((index + 1) % 10)" : " "
      rows.append(
        [
          Span(isPicked ? "▶" : " ", .key), Span(key, .faint), Span(isDrawn ? "●" : " ", .runs), Span(" "),
          Span(
            name(Int(draw.candidates[index].token), width: names - 1).padding(toWidth: names),
            isPicked ? .strong : draw.candidates[index].cut == nil ? .text : .faint),
        ] + columns.map(\.cells[index]))
    }
    if draw.rank > draw.candidates.count {
      rows.append(
        [Span("  ● ", .runs), Span("rank \(Figures.grouped(draw.rank))".padding(toWidth: names), .text)]
          + columns.enumerated().map { place, column in
            let text =
              place == 0
              ? Self.percent(exp(Double(draw.logProbability)))
              : column.heading == Self.after ? Self.percent(Double(draw.probability)) : ""
            return Span(text.padded(to: Self.columnWidth))
          })
    }
    return rows
  }

  private static let after = "after"

  /// Before the sampler, after each of its steps that did something, and under another plan. Of steps that do not fit,
  /// the first go.
  private func columns(_ draw: TokenDraw, width: Int) -> [Column] {
    let temperature = answer.sampling(of: cursor.token).temperature
    func cell(_ value: Double?, _ element: Element = .text) -> Span {
      Span((value.map(Self.percent) ?? "").padded(to: Self.columnWidth), element)
    }
    let before = Column(
      heading: "before", cells: draw.candidates.map { cell(exp(Double($0.logProbability))) },
      isEssential: true)
    var steps = draw.steps.indices.map { step in
      Column(
        heading: Self.heading(draw.steps[step].kind),
        cells: draw.candidates.indices.map { index in
          if draw.candidates[index].cut == step { return Span("cut".padded(to: Self.columnWidth), .dropped) }
          return cell(draw.probability(of: index, after: step, temperature: temperature), .faint)
        })
    }
    var last = steps.popLast()
    if let own = last {
      last?.heading = Self.after
      // The column of the step that left one out may not fit.
      last?.cells = zip(own.cells, draw.candidates).map { cell, candidate in
        candidate.cut.map { Span(Self.heading(draw.steps[$0].kind).padded(to: Self.columnWidth), .dropped) }
          ?? Span(cell.text, .strong)
      }
      if draw.steps.last?.kind != .temperature, let kind = draw.steps.last?.kind {
        steps.append(Column(heading: Self.heading(kind), cells: own.cells))
      }
    }
    var ends = last.map { [$0] } ?? []
    if let place = state.tokenUnderPlan(cursor) {
      ends.append(
        Column(
          heading: "other",
          cells: draw.candidates.indices.map { index in
            cell(
              place.candidates.indices.contains(index) ? exp(Double(place.candidates[index])) : nil, .changed)
          }))
    }
    let room = max(0, (width - 4 - 10) / Self.columnWidth - 1 - ends.count)
    return [before] + steps.suffix(room) + ends
  }

  /// In six cells.
  private static func heading(_ kind: TokenDraw.Kind) -> String {
    switch kind {
    case .bias: "bias"
    case .penalties: "penal."
    case .dry: "dry"
    case .topNSigma: "n·σ"
    case .topK: "top-k"
    case .typicalP: "typic."
    case .topP: "top-p"
    case .minP: "min-p"
    case .xtc: "xtc"
    case .mirostat: "miro."
    case .temperature: "temp."
    }
  }

  /// What the plan that stands beside would have said.
  func otherPlan(width: Int) -> Line? {
    guard let plan = cursor.other else { return nil }
    let label = state.plans.summary(of: plan)
    guard let place = state.tokenUnderPlan(cursor) else {
      return [Span("\(label): ", .changed), Span("not computed yet", .faint)].truncated(width: width)
    }
    let says = place.draw.candidates.prefix(3).map {
      "\(name(Int($0.token), width: 12)) \(Self.percent(exp(Double($0.logProbability))))"
    }
    return [
      Span("\(label): ", .changed), Span("rank \(Figures.grouped(place.draw.rank))"),
      Span(" · says \(says.joined(separator: ", "))", .faint),
    ].truncated(width: width)
  }

  /// All of it, for a page or for lines.
  func page(width: Int) -> TextPage {
    let steps = draw?.steps.map { "\($0.kind.name) left \(Figures.grouped($0.left))" } ?? []
    return TextPage(
      title: title,
      lines: [figures(width: width)] + rows(width: width, count: .max / 2)
        + (steps.isEmpty ? [] : [[Span(steps.joined(separator: " · "), .faint)]])
        + (otherPlan(width: width).map { [$0] } ?? []))
  }
}

extension AppState {
  /// A token of an answer as a page; nil where there is no such token.
  func tokenPage(_ token: Int, of node: Int) -> TextPage? {
    TokenTable(TokenCursor(node: node, token: token), self)?.page(width: max(40, size.width - 4))
  }
}
