import Dispatch
import GGUF
import Synchronization

extension GGUFFile {
  /// Searches the data of all tensors for faults, on all cores.
  ///
  /// - Parameter progress: Called now and then, on any thread, with the fraction done; returns false to stop.
  /// - Returns: Problems in the order of the tensors, one for each kind in a tensor; empty when all is well.
  /// - Throws: `CancellationError`.
  public func dataProblems(
    progress: @Sendable (Double) -> Bool = { _ in true }
  ) throws(CancellationError) -> [DataProblem] {
    let chunks = tensors.indices.flatMap { index in
      let tensor = tensors[index], type = tensor.type
      let count = (tensor.data.count - type.bytesPerTensor) / type.bytesPerBlock
      let step = max(1, Self.chunkBytes / type.bytesPerBlock)
      return stride(from: 0, to: count, by: step).map { (tensor: index, blocks: $0..<min($0 + step, count)) }
    }
    let tallies = Mutex<[Int: FaultTally]>([:])
    let done = Atomic<Int>(0), stopped = Atomic<Bool>(false)
    DispatchQueue.concurrentPerform(iterations: chunks.count) { number in
      guard !stopped.load(ordering: .relaxed) else { return }
      let chunk = chunks[number], tensor = tensors[chunk.tensor]
      let tally = tensor.type.faults(in: tensor.data, blocks: chunk.blocks)
      if !tally.found.isEmpty { tallies.withLock { $0[chunk.tensor, default: FaultTally()].merge(tally) } }
      let count = done.wrappingAdd(1, ordering: .relaxed).newValue
      if !progress(Double(count) / Double(chunks.count)) { stopped.store(true, ordering: .relaxed) }
    }
    if stopped.load(ordering: .relaxed) { throw CancellationError() }
    return tallies.withLock { $0 }.sorted { $0.key < $1.key }.flatMap { index, tally in
      tally.found.map { fault, entry in
        DataProblem(
          tensor: tensors[index].name, type: tensors[index].type, fault: fault, block: entry.first,
          count: entry.count)
      }.sorted { ($0.block ?? -1, $0.fault.rawValue) < ($1.block ?? -1, $1.fault.rawValue) }
    }
  }

  /// Large enough that handing out work costs nothing, small enough that all cores stay busy.
  private static let chunkBytes = 1 << 20
}
