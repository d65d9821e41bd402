// The transcendental functions behind acre's distributions, from + - * / and sqrt alone: the C library's own
// give other last bits on other processors.
#pragma once

namespace acre::random {

/// The natural logarithm of a positive, normal, finite x, to less than 1 ulp; the same bits everywhere.
/// Any thread; does not throw. Source: FDLIBM 5.3, e_log.c (Sun Microsystems, 1993): argument reduction and
/// minimax coefficients.
double natural_log(double x) noexcept;

/// The p-quantile of the standard normal distribution, 0 < p < 1, to a few ulp; the same bits everywhere.
/// Any thread; does not throw. Source: Wichura, "Algorithm AS 241: The percentage points of the normal
/// distribution", Applied Statistics 37 (1988) 477-484, routine PPND16.
double normal_quantile(double p) noexcept;

}  // namespace acre::random
