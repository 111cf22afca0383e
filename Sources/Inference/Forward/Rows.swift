import Quantization

/// The rows that a worker computes in the steps that go token by token.
///
/// Of a batch they are the worker's share. A token that is read alone each worker computes in rows of its own: a norm
/// or a residual sum takes less time than to wait for another who does it.
struct Rows {
  /// Which tokens of the batch.
  let tokens: Range<Int>
  /// Whether the other workers compute the same in rows of their own.
  let areOwn: Bool
  /// [t, width]
  let stream, blockInput: UnsafeMutablePointer<Float>
  /// What a sublayer adds to the stream [t, delta stride].
  let delta: UnsafeMutablePointer<Float>
  /// What matrices read.
  let normed, attended, hidden: Activations
  private let worker: Int
  private let workers: Int

  /// A share of a batch's rows, which are the workspace's.
  init(of batch: Int, _ workspace: Workspace, _ pool: ComputePool, _ worker: Int) {
    self.init(pool.share(batch, worker), from: 0, areOwn: false, workspace, pool, worker)
  }

  /// A worker's own for a token alone; the workspace's first row is for what all compute together.
  init(own workspace: Workspace, _ pool: ComputePool, _ worker: Int) {
    self.init(0..<1, from: 1 + worker, areOwn: true, workspace, pool, worker)
  }

  private init(
    _ tokens: Range<Int>, from first: Int, areOwn: Bool, _ workspace: Workspace, _ pool: ComputePool,
    _ worker: Int
  ) {
    self.tokens = tokens
    self.areOwn = areOwn
    stream = workspace.stream + first * workspace.width
    blockInput = workspace.blockInput + first * workspace.width
    delta = workspace.delta + first * workspace.deltaStride
    normed = workspace.normed.from(row: first)
    attended = workspace.attended.from(row: first)
    hidden = workspace.hidden.from(row: first)
    self.worker = worker
    workers = pool.count
  }

  /// What is written down once falls to different workers.
  enum Duty: Int { case first, second }

  /// The tokens of which this worker writes down what every worker knows.
  @inline(__always)
  func tokens(_ duty: Duty) -> Range<Int> {
    areOwn && worker != duty.rawValue % workers ? tokens.lowerBound..<tokens.lowerBound : tokens
  }
}
