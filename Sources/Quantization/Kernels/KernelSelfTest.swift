import CKernels

/// A comparison of a set of kernels with the scalar one, over random input of random shapes. The results have
/// to agree to the last bit; where they do not, the code, the compiler or the CPU is at fault.
public struct KernelSelfTest {
  private let set: pare_kernels
  private let scalar: pare_kernels
  private var random: SplitMix64

  /// - Parameter seed: Of the random input; the same seed gives the same cases.
  public init(_ set: Kernels, seed: UInt64) {
    self.set = set.table.pointee
    scalar = Kernels.available[Kernels.available.count - 1].table.pointee
    random = SplitMix64(state: seed)
  }

  /// Runs every kernel once; small shapes take a millisecond or two.
  ///
  /// - Parameter size: A bound on the shapes: about so many columns.
  /// - Returns: The first kernel that differs, and where; nil when all agree.
  public mutating func difference(size: Int = 96) -> String? {
    elementwise(size) ?? products(size) ?? encoders(size) ?? attention(size)
  }

  // MARK: - Kernels

  private mutating func elementwise(_ size: Int) -> String? {
    let n = length(size), a = floats(n), b = floats(n), weight = floats(n)
    let coded = length(size).roundedUp(to: Int(PARE_GROUP_COLUMNS)), row = floats(coded), half = max(1, n / 2)
    func changed(_ x: [Float], _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
      var x = x
      x.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
      return x
    }
    let count = Int32(n)
    let kernels: [(String, (pare_kernels) -> [Float])] = [
      (
        "quantize",
        { k in
          [
            (PARE_CODES_AS_BYTES, 15), (1, 15), (PARE_TOKENS_AT_ONCE, 15), (PARE_CODES_AS_QUADS + 1, 8),
            (PARE_CODES_AS_QUADS + PARE_TOKENS_AT_ONCE, 4),
          ].flatMap { (layout: Int32, bits: Int32) in
            var codes = [Int16](repeating: 0, count: coded * Int(pare_tokens_together(layout)))
            var groups = [pare_group](repeating: pare_group(), count: coded / Int(PARE_GROUP_COLUMNS))
            let factor = k.quantize(row, Int32(coded), bits, bits == 8 ? 1 : 0, layout, &codes, &groups)
            return [factor] + codes.map(Float.init)
              + groups.flatMap { [$0.scale, $0.sum.1, $0.half.1, Float($0.isum.0), Float($0.ihalf.3)] }
          }
        }
      ),
      ("rms_norm", { k in changed(a) { k.rms_norm(b, weight, count, 1e-5, $0) } }),
      ("layer_norm", { k in changed(a) { k.layer_norm(b, weight, a, count, 1e-5, $0) } }),
      (
        "residual_add",
        { k in
          var sums: [Float] = [0, 0, 0]
          let stream = changed(a) { k.residual_add($0, b, count, 0.5, &sums) }
          return stream + sums
        }
      ),
      ("compare", { k in changed([0, 0, 0]) { k.compare(a, b, count, $0) } }),
      ("add", { k in changed(a) { k.add($0, b, count) } }),
      ("gate", { k in (0..<3).flatMap { kind in changed(a) { k.gate($0, b, count, kind) } } }),
      ("activation", { k in (0..<3).flatMap { kind in changed(a) { k.gate($0, nil, count, kind) } } }),
      (
        "rope",
        { k in (0..<2).flatMap { kind in changed(a + [0]) { k.rope($0, b, weight, Int32(half), kind) } } }
      ),
      ("scale_cap", { k in [0, 3].flatMap { cap in changed(a) { k.scale_cap($0, count, 2, cap) } } }),
      (
        "log_sum_exp",
        { k in
          var index: Int32 = 0, entropy: Float = 0
          let sum = k.log_sum_exp(a, count, &index, &entropy)
          return [sum, Float(index), entropy]
        }
      ),
      (
        "to_half",
        { k in
          var halves = [UInt16](repeating: 0, count: n)
          k.to_half(a, count, &halves)
          return halves.map(Float.init)
        }
      ),
    ]
    for (name, kernel) in kernels {
      if let difference = compare("\(name), \(n) wide", kernel) { return difference }
    }
    return nil
  }

  /// Compares products with matrices of random bytes in every format. A few of their scales are NaN; rows
  /// without such are plenty.
  private mutating func products(_ size: Int) -> String? {
    let columns = length(size).roundedUp(to: 32), tiles = 1 + Int(random.next() % 2)
    let tokens = 7, rows = tiles * Int(PARE_TILE_ROWS), group = Int(PARE_GROUP_COLUMNS)
    let stride = columns.roundedUp(to: group), x = floats(tokens * stride)
    let table = (0..<16).map { _ in UInt8(random.next() & 255) }
    for format in 0..<Int32(PARE_FORMAT_COUNT.rawValue) {
      let bytes = tiles * pare_tile_bytes(format, Int32(columns))
      let data = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
      let panel = UnsafeMutableRawPointer.allocate(byteCount: Int(PARE_PANEL_BYTES), alignment: 64)
      defer {
        data.deallocate()
        panel.deallocate()
      }
      for i in data.indices { data[i] = UInt8(truncatingIfNeeded: random.next()) }
      let name = String(cString: pare_format_info_of(format).pointee.name)
      for (count, bits) in [(1, Int32(15)), (2, 15), (tokens, 15), (1, 8), (2, 4), (tokens, 8)] {
        let what = "multiply of \(name), \(columns) columns, \(count) tokens of \(bits) bits"
        let difference = compare(what) { kernels in
          var y = [Float](repeating: 0, count: count * rows)
          let layout = withUnsafePointer(to: kernels) { pare_codes_layout($0, bits, Int32(count)) }
          let together = Int(pare_tokens_together(layout))
          let pairLayout = withUnsafePointer(to: kernels) { pare_codes_layout($0, 15, Int32(count)) }
          var codes = [Int16](repeating: 0, count: count.roundedUp(to: together) * stride)
          var pairs = [Int16](repeating: 0, count: count.roundedUp(to: Int(PARE_TOKENS_AT_ONCE)) * stride)
          var groups = [pare_group](repeating: pare_group(), count: count * stride / group)
          func quantize(_ layout: Int32, _ codes: inout [Int16]) {
            for t in 0..<count {
              x.withUnsafeBufferPointer { x in
                codes.withUnsafeMutableBufferPointer { codes in
                  groups.withUnsafeMutableBufferPointer { groups in
                    _ = scalar.quantize(
                      x.baseAddress! + t * stride, Int32(stride), bits, 0, layout,
                      pare_codes_at(codes.baseAddress!, Int32(stride), layout, Int32(t), 0),
                      groups.baseAddress! + t * stride / group)
                  }
                }
              }
            }
          }
          if kernels.takes_pairs_too != 0 { quantize(pairLayout, &pairs) }
          quantize(layout, &codes)
          table.withUnsafeBufferPointer { table in
            codes.withUnsafeBufferPointer { codes in
              pairs.withUnsafeBufferPointer { pairs in
                groups.withUnsafeBufferPointer { groups in
                  x.withUnsafeBufferPointer { x in
                    var matrix = pare_matrix(
                      data: data.baseAddress!.assumingMemoryBound(to: UInt8.self), format: format,
                      rows: Int32(rows), columns: Int32(columns), factor: 0.75, table: table.baseAddress)
                    var activations = pare_activations(
                      codes: codes.baseAddress, pairs: pairs.baseAddress, groups: groups.baseAddress,
                      values: x.baseAddress,
                      factors: nil, stride: Int32(stride), bits: bits)
                    withUnsafePointer(to: kernels) {
                      pare_multiply($0, &matrix, 0, Int32(tiles), &activations, Int32(count), &y, rows, panel)
                    }
                  }
                }
              }
            }
          }
          return y
        }
        if let difference { return difference }
      }
    }
    return nil
  }

  private mutating func encoders(_ size: Int) -> String? {
    let count = min(length(size).roundedUp(to: 32), Int(PARE_SUPER_COLUMNS))
    let columns = floats(count * 16), importance = floats(count).map(abs)
    for format in [PARE_D8, PARE_D2, PARE_K6, PARE_K5, PARE_K4, PARE_K2, PARE_X3, PARE_X1] {
      let id = Int32(format.rawValue)
      let name = String(cString: pare_format_info_of(id).pointee.name)
      let difference = compare("encode to \(name), \(count) columns") { kernels in
        var codes = [UInt8](repeating: 0, count: count * 16)
        var tile = [UInt8](repeating: 0, count: pare_tile_bytes(id, Int32(count)))
        let largest = kernels.encode(id, columns, importance, Int32(count), &codes, &tile)
        return (codes + tile).map(Float.init) + [largest]
      }
      if let difference { return difference }
    }
    return nil
  }

  private mutating func attention(_ size: Int) -> String? {
    let keyWidth = length(size), valueWidth = length(size), positions = 16 + length(2 * size)
    let keys = floats(positions * keyWidth), values = floats(positions * valueWidth)
    let queries = floats(Int(PARE_QUERY_BLOCK) * keyWidth)
    let seen = (0..<Int(PARE_QUERY_BLOCK)).map { _ in
      let last = Int(random.next() % UInt64(positions))
      return Int(random.next() % UInt64(last + 1))...last
    }
    for (keyBits, valueBits) in [(16, 16), (8, 8), (8, 4), (4, 4)] {
      for count in 1...Int(PARE_QUERY_BLOCK) {
        let what =
          "attention of \(count) queries, "
          + "\(keyWidth) and \(valueWidth) wide, in \(keyBits) and \(valueBits) bits"
        let difference = compare(what) { kernels in
          func tiles(
            _ bits: Int, _ rows: [Float], _ width: Int,
            _ store: (UnsafePointer<Float>, UnsafeMutablePointer<UInt8>, Int32) -> Void
          ) -> [UInt8] {
            var tiles = [UInt8](
              repeating: 0,
              count: (positions + 15) / 16 * pare_kv_tile_bytes(Int32(bits), Int32(width)))
            rows.withUnsafeBufferPointer { rows in
              for p in 0..<positions { store(rows.baseAddress! + p * width, &tiles, Int32(p)) }
            }
            return tiles
          }
          let keyTiles = tiles(keyBits, keys, keyWidth) {
            kernels.store_key(Int32(keyBits), $0, Int32(keyWidth), $1, $2)
          }
          let valueTiles = tiles(valueBits, values, valueWidth) {
            kernels.store_value(Int32(valueBits), $0, Int32(valueWidth), $1, $2)
          }
          let job = AttentionJob(
            keyTiles: keyTiles, keyBits: keyBits, keyWidth: keyWidth, valueTiles: valueTiles,
            valueBits: valueBits,
            valueWidth: valueWidth, queries: queries, seen: Array(seen.prefix(count)),
            sink: count % 2 == 0 ? queries[0] : -.infinity)
          return job.run(kernels)
        }
        if let difference { return difference }
      }
    }
    return nil
  }

  // MARK: - Random input, and comparison

  private func compare(_ what: String, _ kernel: (pare_kernels) -> [Float]) -> String? {
    let expected = kernel(scalar), actual = kernel(set)
    let place = zip(expected, actual).enumerated().first { _, pair in
      // Sets may write different bit patterns for NaN.
      pair.0.bitPattern != pair.1.bitPattern && !(pair.0.isNaN && pair.1.isNaN)
    }
    return place.map { "\(what): value \($0.offset) is \($0.element.1) and should be \($0.element.0)" }
  }

  /// 1 to `bound`.
  private mutating func length(_ bound: Int) -> Int { 1 + Int(random.next() % UInt64(bound)) }

  private mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(4 * random.unit() - 2) }
  }
}
