package jwtauth

const refreshType = "refresh+jwt"
