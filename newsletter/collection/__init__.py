"""The hand-picked collection: papers, data sets, models, surveys and posts in a tree of sections."""
