import Quantization

/// Packed matrices that outlive the plans they were made for, so that trying many plans packs each only once.
final class MatrixLibrary {
  private struct Key: Hashable {
    var place: Weights.Place
    var format: PackedFormat
    var isRotated: Bool
  }

  private var matrices: [Key: PackedMatrix] = [:]

  func add(_ weights: Weights) {
    for (place, matrix) in weights.matrices where !place.isFitted {
      matrices[Key(place: place, format: matrix.format, isRotated: weights.plan.rotate)] = matrix
    }
  }

  subscript(place: Weights.Place, format: PackedFormat, isRotated isRotated: Bool) -> PackedMatrix? {
    matrices[Key(place: place, format: format, isRotated: isRotated)]
  }
}

extension Weights.Place {
  /// Whether its matrix is fitted to a plan, and no other's.
  fileprivate var isFitted: Bool { role == .attentionMap || role == .mlpMap }
}
