import Quantization

/// The steps that remove unlikely tokens, and XTC, which removes likely ones. Each does nothing at its
/// neutral value, and never removes all tokens.
extension Candidates {
  /// The lowest logit within `n` standard deviations of the highest: the floor of top-n-sigma.
  ///
  /// Source: "Top-nσ: Not All Logits Are You Need", arXiv 2411.07641.
  static func sigmaFloor(_ logits: UnsafeBufferPointer<Float>, _ n: Float) -> Float {
    guard n > 0 else { return -.infinity }
    var peak = -Float.infinity
    var count = 0.0, sum = 0.0, squares = 0.0
    for logit in logits where logit.isFinite {
      let value = Double(logit)
      count += 1
      sum += value
      squares += value * value
      if logit > peak { peak = logit }
    }
    guard count > 0 else { return -.infinity }
    let mean = sum / count
    let floor = Double(peak) - Double(n) * max(0, squares / count - mean * mean).squareRoot()
    // Rounded up, so that a comparison in f32 gives the result of one with the exact number.
    return Double(Float(floor)) < floor ? Float(floor).nextUp : Float(floor)
  }

  /// Locally typical sampling: keeps the tokens whose surprise is nearest the entropy.
  ///
  /// Source: "Locally Typical Sampling", arXiv 2202.00666.
  mutating func keepTypical(_ p: Float, least: Int) {
    guard p < 1, count > 1 else { return }
    let (peak, total) = weigh()
    let logTotal = PortableMath.log(total)
    func surprise(_ candidate: Candidate) -> Double {
      candidate.logit == peak ? logTotal : logTotal - (Double(candidate.logit) - Double(peak))
    }
    let entropy = list.reduce(0) { $1.weight > 0 ? $0 + $1.weight / total * surprise($1) : $0 }
    func distance(_ candidate: Candidate) -> Double { abs(surprise(candidate) - entropy) }
    var sum = 0.0, kept = 0
    keepFirst { a, b in
      let x = distance(a), y = distance(b)
      return x != y ? x < y : Candidate.precedes(a, b)
    } until: { candidate in
      sum += candidate.weight
      kept += 1
      return sum > Double(p) * total && kept >= least
    }
  }

  /// Nucleus sampling: keeps the likeliest until their probability reaches `p`.
  ///
  /// Source: "The Curious Case of Neural Text Degeneration", arXiv 1904.09751.
  mutating func keepTopP(_ p: Float, least: Int) {
    guard p < 1, count > 1 else { return }
    let total = weigh().total
    var sum = 0.0, kept = 0
    keepLikeliest { candidate in
      sum += candidate.weight
      kept += 1
      return sum >= Double(p) * total && kept >= least
    }
  }

  /// Keeps the tokens at least `p` times as likely as the likeliest.
  ///
  /// Source: "Turning Up the Heat: Min-p Sampling", arXiv 2407.01082.
  mutating func keepMinP(_ p: Float, least: Int) {
    guard p > 0, count > 1 else { return }
    let peak = list.reduce(-.infinity) { max($0, $1.logit) }
    let floor = Double(peak) + PortableMath.log(Double(p))
    keep(least: least) { Double($0.logit) >= floor }
  }

  /// XTC, "exclude top choices": with some probability, removes all tokens of at least `threshold` but the
  /// least likely of them.
  ///
  /// Source: the method's own description, github.com/oobabooga/text-generation-webui/pull/6335.
  mutating func excludeTopChoices(
    probability: Float, threshold: Float, least: Int, _ random: inout SplitMix64
  ) {
    guard probability > 0, threshold <= 0.5, count > 1, random.unit() < Double(probability) else { return }
    let floor = Double(threshold) * weigh().total
    var choices = 0
    var last: Candidate?
    for candidate in list where candidate.weight >= floor {
      choices += 1
      if last.map({ Candidate.precedes($0, candidate) }) != false { last = candidate }
    }
    guard let last, choices > 1, count - (choices - 1) >= least else { return }
    keep { $0.weight < floor || $0.token == last.token }
  }
}
