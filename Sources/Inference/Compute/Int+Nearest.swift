extension Int {
  /// The whole number nearest to one that may be anything, since it came from outside or was computed from
  /// such: the largest or the smallest there is where it lies beyond, 0 for what is no number.
  public init(nearest value: Double) {
    if value.isNaN {
      self = 0
    } else if value >= 0x1p63 {
      self = .max
    } else {
      self = value <= -0x1p63 ? .min : Int(value.rounded())
    }
  }
}
