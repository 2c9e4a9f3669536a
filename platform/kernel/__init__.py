"""The ground every room stands on: store, errors, events, clock, jobs. Knows no business."""
