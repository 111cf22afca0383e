import Tokenization

/// The results of the last probes, kept up to date a slice of work at a time.
///
/// Results stay valid as long as the tokens and the plan that they came from do.
public final class ProbeCache {
  private struct Entry {
    var probe: Probe
    var computation: any ProbeComputation
    var tokens: [Token] = []
    var plan: Plan
  }

  /// The probes, the most recent last.
  private var entries: [Entry] = []
  /// Probes whose results are kept, so that going back to one costs nothing.
  private static let depth = 4

  /// A cache without results.
  public init() {}

  /// Drops all results, for another context.
  public func forget() { entries = [] }

  /// Does a slice of the work for `probe`, nearest to the position `focus` first; returns whether there was
  /// any.
  public func advance(_ probe: Probe, focus: Int?, in context: InferenceContext) -> Bool {
    var entry = entry(for: probe, in: context)
    let isWorking = entry.computation.advance(context, focus: focus)
    entry.tokens = context.tokens
    entries.append(entry)
    return isWorking
  }

  /// The results so far of the probe that was advanced last.
  public func report(in context: InferenceContext) -> ProbeReport? {
    entries.last.map { context.report(of: $0.computation) }
  }

  /// Removes the probe's entry and returns it, or makes one.
  private func entry(for probe: Probe, in context: InferenceContext) -> Entry {
    guard let index = entries.firstIndex(where: { $0.probe == probe }) else {
      if entries.count == Self.depth { entries.removeFirst() }
      return Entry(probe: probe, computation: probe.computation(context), plan: context.plan)
    }
    var entry = entries.remove(at: index)
    let isSamePlan = entry.plan == context.plan
    let common = isSamePlan ? context.reusable(entry.tokens) : 0
    if common < entry.tokens.count { entry.computation.keep(first: common) }
    entry.plan = context.plan
    return entry
  }
}
