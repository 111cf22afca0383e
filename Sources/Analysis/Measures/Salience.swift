import Inference
import Tokenization

/// Input salience of one token: the change of its log-probability when each earlier word is left out (Li,
/// Monroe and Jurafsky, "Understanding Neural Networks through Representation Erasure", arXiv 1612.08220).
public struct SalienceReport: AnalysisReport, Hashable {
  /// The plan that the model ran under.
  public var plan: Plan
  /// The text of the token.
  public var target: String
  /// The position of the token.
  public var position: Int
  /// Its log-probability after the whole text, in nats.
  public var logProbability: Float
  /// The words before it, in the order of the text.
  public var words: [Word]

  /// A word, which can be several tokens.
  public struct Word: Sendable, Hashable {
    public var text: String
    /// The positions of its tokens.
    public var positions: Range<Int>
    /// The log-probability with the word less the one without it, in nats: positive where the word speaks for
    /// the token; nil where it is not computed.
    public var effect: Float?

    public init(text: String, positions: Range<Int>, effect: Float? = nil) {
      self.text = text
      self.positions = positions
      self.effect = effect
    }
  }

  public init(plan: Plan, target: String, position: Int, logProbability: Float, words: [Word]) {
    self.plan = plan
    self.target = target
    self.position = position
    self.logProbability = logProbability
    self.words = words
  }

  /// The share of the words that is computed.
  public var fraction: Double {
    words.isEmpty ? 1 : Double(words.count { $0.effect != nil }) / Double(words.count)
  }
}

/// The measurement of the salience of every word before a token, from the last word back: what comes before a
/// word is not computed again.
public struct SalienceMeasurement: AnalysisJob {
  /// The text and, as the last of them, the token.
  public var tokens: [Token]

  public init(_ tokens: [Token]) { self.tokens = tokens }

  public func run(in context: InferenceContext, _ pace: Pace) throws {
    guard let target = tokens.last, tokens.count > 1 else { throw TrialError.tooShort }
    let tokenizer = context.model.tokenizer, text = Array(tokens.dropLast())
    pace.report(.progress(WorkProgress(what: "leaving words out", fraction: 0)))
    let omissions = try Omissions(text, before: target, in: context)
    let whole = try pace.piece { try omissions.logProbability(without: 0..<0, isStopped: $0) }
    var report = SalienceReport(
      plan: omissions.plan, target: tokenizer.text(of: target), position: text.count, logProbability: whole,
      words: Self.words(text, tokenizer).filter { $0.positions.count < text.count })
    pace.report(.report(report))
    for index in report.words.indices.reversed() {
      let positions = report.words[index].positions
      let without = try pace.piece { try omissions.logProbability(without: positions, isStopped: $0) }
      report.words[index].effect = whole - without
      pace.report(.report(report))
      pace.report(.progress(WorkProgress(what: "leaving words out", fraction: report.fraction)))
    }
  }

  /// The words of a text: runs of tokens that begin with a space, after one, or after a control token, with
  /// the punctuation at them; in scripts without spaces each token. Control tokens and blank ones are none.
  static func words(_ tokens: [Token], _ tokenizer: Tokenizer) -> [SalienceReport.Word] {
    var words: [SalienceReport.Word] = []
    var begins = true
    for (position, token) in tokens.enumerated() {
      let piece = tokenizer.piece(token), name = tokenizer.text(of: token)
      guard !tokenizer.isControl(token), piece.contains(where: { !isBlank($0) }) else {
        begins = true
        continue
      }
      // The first byte of CJK and kana in UTF-8.
      let stands = (0xE3...0xE9).contains(piece[0])
      if begins || stands || isBlank(piece[0]) || words.isEmpty {
        words.append(SalienceReport.Word(text: name, positions: position..<position + 1))
      } else {
        words[words.count - 1].text += name
        words[words.count - 1].positions = words[words.count - 1].positions.lowerBound..<position + 1
      }
      begins = stands || piece.last.map(isBlank) == true
    }
    return words
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
