/// Called now and then from long work with the fraction that is done, 0…1; returns false to stop it.
public typealias ProgressCheck = @Sendable (_ fraction: Double) -> Bool
