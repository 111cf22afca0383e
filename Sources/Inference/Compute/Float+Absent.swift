extension Float {
  /// The mark of a value that there is none of, in arrays of measured values: a NaN that no computation
  /// yields, so that a measured NaN is told from it.
  @inline(__always)
  public static var absent: Float { Float(bitPattern: 0x7FC0_AB5E) }

  /// Whether this is ``absent``.
  @inline(__always)
  public var isAbsent: Bool { bitPattern == Float.absent.bitPattern }
}

extension Collection<Float> {
  /// The mean of the values that are there; NaN where one of them is, nil where there are none.
  public var meanOfPresent: Float? {
    var sum = 0.0, count = 0
    for value in self where !value.isAbsent {
      sum += Double(value)
      count += 1
    }
    return count > 0 ? Float(sum / Double(count)) : nil
  }
}
