/// The rows that one worker computes in the stages that go token by token.
///
/// Of a batch they are the worker's share of the workspace's rows. A token that is read alone every worker
/// computes in rows of its own: a norm or a residual add takes less time than a barrier.
struct WorkerRows {
  /// The worker's tokens, as indices into the batch.
  let tokens: Range<Int>
  /// Whether every worker computes the same token, in rows of its own.
  let areOwn: Bool
  /// The residual stream, and the stream at the start of the layer [t, d].
  let stream, layerInput: RowBuffer
  /// The output of a sublayer [t, d].
  let delta: RowBuffer
  /// The inputs of matrices.
  let normed, attended, hidden: Activations
  private let worker: Int
  private let workers: Int

  /// A share of a batch's rows in the workspace.
  init(of batch: Int, _ workspace: Workspace, _ pool: ComputePool, _ worker: Int) {
    self.init(pool.share(batch, worker), from: 0, areOwn: false, workspace, pool, worker)
  }

  /// A worker's own row for a token alone; row 0 of the workspace is for what all workers compute together.
  init(own workspace: Workspace, _ pool: ComputePool, _ worker: Int) {
    self.init(0..<1, from: 1 + worker, areOwn: true, workspace, pool, worker)
  }

  private init(
    _ tokens: Range<Int>, from first: Int, areOwn: Bool, _ workspace: Workspace, _ pool: ComputePool,
    _ worker: Int
  ) {
    self.tokens = tokens
    self.areOwn = areOwn
    stream = workspace.stream.from(row: first)
    layerInput = workspace.layerInput.from(row: first)
    delta = workspace.delta.from(row: first)
    normed = workspace.normed.from(row: first)
    attended = workspace.attended.from(row: first)
    hidden = workspace.hidden.from(row: first)
    self.worker = worker
    workers = pool.count
  }

  /// Results that are stored once fall to different workers, so that none has to store all.
  enum Duty: Int { case first, second }

  /// The tokens whose results this worker stores where every worker has computed them.
  @inline(__always)
  func tokens(_ duty: Duty) -> Range<Int> {
    areOwn && worker != duty.rawValue % workers ? tokens.lowerBound..<tokens.lowerBound : tokens
  }
}
