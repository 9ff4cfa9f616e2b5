package docfile

var levelsOfPlan9 = 9
