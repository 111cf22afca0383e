extension InferenceContext {
  /// Does `body` for each index below `count`, shared out among the compute threads.
  public func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    pool.run { [pool] worker in
      for index in pool.share(count, worker) { body(index) }
    }
  }
}
