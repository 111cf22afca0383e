/// Everything that listens to forward passes beside the arithmetic: each part is absent where nobody wants to
/// know.
///
/// The events are those of ``ForwardPass``: the stream before a layer, a matrix that reads its input, and a
/// sublayer that adds its output to the stream.
struct Recorder {
  /// Keeps cosines and norms of what sublayers do to the stream.
  var similarity: SimilarityLog?
  /// Keeps the stream before every layer.
  var checkpoints: StreamCheckpoints?
  /// Adds up the squares of what matrices read.
  var importance: Importance?
}

extension ForwardPass {
  /// The stream x[t, d] is what `layer` reads, and what the layer below it made.
  func recordStream(before layer: Int) {
    if let log = recorder.similarity {
      for t in rows.tokens(.first) {
        let x = rows.stream.row(t), before = rows.layerInput.row(t)
        if layer > batch.firstLayer {
          log.record(
            .block, layer: layer - 1, position: batch.position + t, sums: compare(before, x))
        }
        if layer < shape.layers { before.update(from: x, count: shape.width) }
      }
    }
    guard let checkpoints = recorder.checkpoints else { return }
    let tokens = rows.tokens(.second)
    let start = batch.position + tokens.lowerBound, end = min(checkpoints.positions, start + tokens.count)
    guard start < end else { return }
    checkpoints.keep(rows.stream.row(tokens.lowerBound), layer: layer, positions: start..<end)
  }

  /// Matrices read `x`, which is complete.
  @inline(__always)
  func recordInput(_ x: Activations, _ input: Importance.Site.Input, layer: Int?) {
    recorder.importance?.add(x, count: batch.count, at: .init(layer: layer, input: input), pool, worker)
  }

  /// x ← x + scale · delta of one token, recorded where somebody listens.
  @inline(__always)
  func addToStream(_ delta: UnsafePointer<Float>, _ part: Part, layer: Int, token t: Int) {
    let x = rows.stream.row(t), width = Int32(shape.width)
    guard let log = recorder.similarity, rows.tokens(part == .attention ? .first : .second).contains(t) else {
      return kernels.pointee.residual_add(x, delta, width, shape.residualScale, nil)
    }
    let norm = abs(shape.residualScale) * compare(delta, delta).0.squareRoot()
    log.record(part, layer: layer, position: batch.position + t, norm: norm)
    let sums = withThree { kernels.pointee.residual_add(x, delta, width, shape.residualScale, $0) }
    log.record(part, layer: layer, position: batch.position + t, sums: sums)
  }

  /// ⟨a, b⟩, |a|², |b|² of two rows [d].
  private func compare(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>
  ) -> (Float, Float, Float) {
    withThree { kernels.pointee.compare(a, b, Int32(shape.width), $0) }
  }

  @inline(__always)
  private func withThree(_ kernel: (UnsafeMutablePointer<Float>?) -> Void) -> (Float, Float, Float) {
    var sums: (Float, Float, Float) = (0, 0, 0)
    withUnsafeMutableBytes(of: &sums) { kernel($0.baseAddress?.assumingMemoryBound(to: Float.self)) }
    return sums
  }
}
