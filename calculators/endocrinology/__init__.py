"""Endocrinology: bone density referral and diabetes risk."""
